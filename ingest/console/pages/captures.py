"""A stored response: where it is from, what was made of it, and the page itself as a file."""

from dataclasses import dataclass

from starlette.requests import Request

from ingest.archive.reader import read_stored
from ingest.console.desk import Desk, NotHere, Shown, number_of
from ingest.records.pages import StoredCapture


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """The decoded body of a capture, and a name for it that the site has no part in."""

    content: bytes
    file_name: str


def capture(desk: Desk, request: Request) -> Shown:
    """What the index says of a capture."""
    return Shown(template="capture.html", values={"capture": _named(desk, request)})


def stored_page(desk: Desk, request: Request) -> StoredPage:
    """The page as the site sent it. Raises StoreUnusable if it is redacted or the archive is damaged."""
    found = _named(desk, request)
    return StoredPage(
        content=read_stored(desk.settings.archive, found), file_name=f"capture-{found.capture_id}.bin"
    )


def _named(desk: Desk, request: Request) -> StoredCapture:
    number = number_of(request, "id", 0)
    found = desk.store.captures.one(number)
    if found is None:
        raise NotHere(f"there is no capture {number}")
    return found
