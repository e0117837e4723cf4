"""The addresses of threads: ``/threads/SLUG.ID/page-2``, below a folder or behind ``index.php?`` as well."""

import re

from parsers.engines.tree import split_address

# "/threads/a-new-mast.12/page-2", "/threads/12/", "/t/a-new-mast.12/"
THREAD = re.compile(r"(?:^|/)(?:threads|t)/(?:[^/]*\.)?([0-9]+)(?:/|$)")
# "/members/olga.7/", "index.php?members/olga.7/"
MEMBER = re.compile(r"(?:^|[/?])members/(?:[^/]*\.)?([0-9]+)(?:/|$)")
# <li id="post-34">
POST = re.compile(r"post-([0-9]+)")


def thread_id_of(url: str) -> str | None:
    """The thread that an address names."""
    parts = split_address(url)
    # A board without friendly addresses has the thread in its query: "index.php?threads/a-new-mast.12/".
    for path in (parts.path, parts.query):
        if found := THREAD.search(path):
            return found[1]
    return None


def member_id_of(url: str) -> str | None:
    """The member whose page an address is: ``members/NAME.ID/``."""
    found = MEMBER.search(url)
    return found[1] if found else None
