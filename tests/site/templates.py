"""The site's markup, tab for tab, one file a part in ``markup/``, with ``$names`` where its words stand."""

from functools import cache
from pathlib import Path
from string import Template

MARKUP = Path(__file__).with_name("markup")


def fill(part: str, **words: object) -> str:
    """A part of the site's markup with its words in place; every ``$name`` must be given."""
    return _template(part).substitute(words)


@cache
def _template(part: str) -> Template:
    return Template((MARKUP / f"{part}.html").read_bytes().decode("utf-8"))
