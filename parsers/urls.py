"""What an address means to a source."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlsplit

from parsers.records import PageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a page's address says of it; None where it says nothing. ``day`` None means the site's today.

    ``article_id`` is that of an article or of a thread; ``page`` counts the pages of a list, from 1, or
    ``offset`` its rows, from 0. ``entries`` are the ids of the posts that are asked for by name. ``since``:
    only what is newer is asked for (aware UTC). ``slug`` are the words that the site puts beside an id,
    which it can do without.
    """

    kind: PageKind
    day: date | None = None
    section: int | None = None
    article_id: str | None = None
    page: int = 1
    offset: int = 0
    entries: tuple[str, ...] = ()
    since: datetime | None = None
    slug: str | None = None


def query_of(url: str) -> dict[str, str]:
    """The query's parameters, the last one of a name winning, percent signs read."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def file_of(url: str) -> str:
    """The last part of the path: ``comments.php``, or nothing for a folder."""
    return urlsplit(url).path.rpartition("/")[2]


def host_of(url: str) -> str:
    """The host in lower case, without the port."""
    # https://Quay.example:8443/ is on quay.example.
    return (urlsplit(url).hostname or "").lower()
