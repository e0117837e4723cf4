"""What the import of pygal leaves behind in a process: nothing."""

import subprocess
import sys

LOOK = """
import sys
from importlib.metadata import Distribution, distributions
from ingest.jobs.export.pygal_door import pygal_and_style
before = list(sys.meta_path)
pygal, style = pygal_and_style()
assert pygal.Bar and style
assert sys.meta_path == before
found = list(distributions())
assert found
assert all(isinstance(one, Distribution) for one in found)
assert {type(one).__module__.partition(".")[0] for one in found} == {"importlib"}
"""


def test_distributions_are_found_by_the_library_of_python_still() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
