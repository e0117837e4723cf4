"""Times on XenForo's pages: with an offset, in Unix seconds, or as a reader sees them."""

from parsers.engines.moments import read_iso, read_unix, read_words
from parsers.engines.printed_dates import DayOrder, order_of
from parsers.engines.raw import RawPage
from parsers.engines.records import Moment
from parsers.engines.tree import attribute_of, text_of
from parsers.errors import FieldMalformed
from parsers.html import Node, attribute

# data-time="1521783300", data-timestamp="1521783300"
UNIX = ("data-time", "data-timestamp")


def day_order(raw: RawPage, nodes: list[Node]) -> DayOrder | None:
    """In which order the page writes its numeric dates."""
    # The page's language decides only where no date of the page does: "3/24/2018" is of one order alone.
    texts = [text for node in nodes for text in _words(node)]
    return order_of(texts, attribute_of(raw.page, "html", "lang"))


def moment_of(node: Node, raw: RawPage, *, field: str, order: DayOrder | None) -> Moment:
    """The time that an element shows, from its most exact form on.

    Raises:
        FieldMalformed: it shows none that can be read, such as ``yesterday``.
    """
    try:
        if written := attribute(node, "datetime"):
            return read_iso(written)
        for name in UNIX:
            if seconds := attribute(node, name):
                return read_unix(seconds, raw.zone)
        return _in_words(node, order)
    except ValueError as error:
        raise FieldMalformed(field, str(error), raw.url) from error


def _in_words(node: Node, order: DayOrder | None) -> Moment:
    words = _words(node)
    # The last one's error is the one to report: it is the text that a reader sees.
    for text in words[:-1]:
        try:
            return read_words(text, order)
        except ValueError:
            continue
    return read_words(words[-1], order)


def _words(node: Node) -> list[str]:
    """A title has the time of day where the text may be ``Mar 27, 2025`` alone."""
    title = attribute(node, "title")
    return [title, text_of(node)] if title else [text_of(node)]
