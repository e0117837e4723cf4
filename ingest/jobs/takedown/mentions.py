"""Find the captures that hold an article or a comment by its id in their pages, without a parser.

Every page that shows or names a thing links to it, or anchors it, by its id. Ids are searched as whole words,
ids of digits as whole numbers: a page too many may be found, where a short id stands for something else.
"""

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from ingest.archive import read_stored
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import StoredCapture
from ingest.store.takedown.suppression import Suppressed

MOST_REMEMBERED = 10_000
"""Bodies whose finding is kept: an original is repeated by captures of the next days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The captures that hold what was taken down, each with the first reason; those that cannot be read."""

    holding: dict[int, str]
    unread: tuple[int, ...]


def search(
    captures: Iterable[StoredCapture],
    takedowns: Sequence[Suppressed],
    *,
    folder: ArchiveFolder,
    total: int,
    progress: Callable[[int, int], None],
) -> Mentions:
    """Read every capture of the sources that is not redacted; ``total`` is about how many there are.

    All are read, for any page may name a thing: the day's catalogue, the newest comments beside another
    day's. When it was posted is what the site says, and when a page was captured is what a clock said, so
    neither leaves a page out. A body that several captures share is read once, if they are not too far apart.
    """
    sources = {one.what.source for one in takedowns}
    holding: dict[int, str] = {}
    unread: list[int] = []
    reader = _Reader(folder, takedowns)
    for done, stored in enumerate(captures, 1):
        if stored.row.source in sources and not stored.redacted:
            try:
                reason = reader.reason(stored)
            except StoreUnusable:
                unread.append(stored.capture_id)
            else:
                if reason is not None:
                    holding[stored.capture_id] = reason
        progress(done, max(done, total))
    return Mentions(holding=holding, unread=tuple(unread))


class _Reader:
    """Remembers what it found in the bodies that it read last: many captures may share one."""

    def __init__(self, folder: ArchiveFolder, takedowns: Sequence[Suppressed]) -> None:
        self._folder = folder
        self._takedowns = takedowns
        self._found: dict[tuple[int, str], str | None] = {}

    def reason(self, stored: StoredCapture) -> str | None:
        """The first reason why the capture holds something that was taken down. Raises StoreUnusable."""
        key = (stored.row.refers_to or stored.capture_id, stored.row.url)
        if key not in self._found:
            reason = self._read(stored)
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[key] = reason
        return self._found[key]

    def _read(self, stored: StoredCapture) -> str | None:
        body = read_stored(self._folder, stored)
        mine = (one for one in self._takedowns if one.what.source == stored.row.source)
        return next((one.reason for one in mine if holds(one, stored.row.url, body)), None)


def holds(takedown: Suppressed, url: str, body: bytes) -> bool:
    """Whether a page of this address holds it.

    A page of the article alone that names none of its comments, as a text rendition, may show all of them.
    """
    what, address = takedown.what, url.encode()
    if what.comment is None:
        ids = takedown.thread | {what.article}
        return any(_stands_in(one, body) or _stands_in(one, address) for one in ids)
    if _stands_in(what.comment, body):
        return True
    return _stands_in(what.article, address) and not any(_stands_in(one, body) for one in takedown.thread)


def _stands_in(external_id: str, text: bytes) -> bool:
    return any(form in text and word.search(text) is not None for form, word in _forms(external_id))


@cache
def _forms(external_id: str) -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    kin = rb"[0-9]" if external_id.isascii() and external_id.isdecimal() else rb"[0-9A-Za-z]"
    forms = {external_id, quote(external_id, safe=""), html.escape(external_id)}
    return tuple(
        # What stands before may end in a digit and be a coded sign: ID%3D510764, %20510764.
        (form, re.compile(rb"(?:(?<!%s)|(?<=%%[0-9A-F]{2}))%s(?!%s)" % (kin, re.escape(form), kin)))
        for form in (one.encode() for one in sorted(forms))
    )
