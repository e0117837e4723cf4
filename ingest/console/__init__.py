"""What the commands show, in a browser: Starlette, Jinja templates, no script at all.

request --guard (host, origin, token)--> page --questions to the store--> Shown --template--> HTML

Whatever a site wrote is hostile: templates escape it, and markup goes through nh3. A page asks and changes
nothing; what changes something is a form that is sent, and is done by ``actions`` in a thread of its own.
"""
