"""The sources there are: a tuple to read, and what other distributions bring by entry point."""

from functools import cache
from importlib.metadata import entry_points

from parsers.errors import SourceUnknown
from parsers.source import Source
from parsers.sources import rantburg

SOURCES = (rantburg.SOURCE,)
ENTRY_POINTS = "thresher.sources"


@cache
def sources() -> tuple[Source, ...]:
    """Every source, ours first; one of ours is never replaced by a third party's of the same name."""
    found = {source.name: source for source in SOURCES}
    for entry_point in entry_points(group=ENTRY_POINTS):
        source = entry_point.load()
        if isinstance(source, Source):
            found.setdefault(source.name, source)
    return tuple(found.values())


def source_named(name: str) -> Source:
    """The source of that name.

    Raises:
        SourceUnknown: there is none; the error lists those there are.
    """
    for source in sources():
        if source.name == name:
            return source
    raise SourceUnknown(name, tuple(source.name for source in sources()))
