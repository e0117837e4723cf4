"""What an address means to a source."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from parsers.records import PageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a page's address says of it; None where it says nothing. ``day`` None means the site's today."""

    kind: PageKind
    day: date | None = None
    section: int | None = None
    article_id: str | None = None


def query_of(url: str) -> dict[str, str]:
    """The query's parameters, the last one of a name winning, percent signs read."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def file_of(url: str) -> str:
    """The last part of the path: ``comments.php``, or nothing for a folder."""
    return urlsplit(url).path.rpartition("/")[2]


def host_of(url: str) -> str:
    """The host in lower case, without the port."""
    return (urlsplit(url).hostname or "").lower()
