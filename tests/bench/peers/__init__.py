"""What people use in thresher's place; it runs in an environment of its own, ``.venv-bench``.

No module here imports thresher: each is what a user of that library would write.
"""
