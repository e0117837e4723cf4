"""A page that was found: whose it is, when it was captured, and where it can be read again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from ingest.archive import payload_sha1
from ingest.archive.archive_file import ArchiveFile
from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import read_pages
from ingest.errors import ArchiveDamaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page that a source knows. ``file``, ``offset`` and ``length`` name the record where it was found.

    ``path`` is the file that was looked through, which ``file`` may be a part of; ``place`` and ``start`` are
    where the page is read; ``digest`` is that of the decoded body (SHA-256, hex), ``whole`` see
    ``ExternalPage``.
    """

    source: str
    captured_at: datetime
    url: str
    digest: str
    payload_sha1: str
    content_type: str | None
    whole: bool
    path: ArchiveFile
    file: str
    offset: int
    length: int
    place: ArchiveFile
    start: int

    @property
    def identity(self) -> tuple[datetime, str, str]:
        """The same for the same response, whichever file it lies in; in the order of the captures."""
        return self.captured_at, self.url, self.digest

    @property
    def rank(self) -> tuple[bool, str, str, str, int]:
        """Which of several copies is taken: the least."""
        return not self.whole, self.content_type or "", self.payload_sha1, self.file, self.offset

    def page(self) -> ExternalPage:
        """The page, read again.

        Raises:
            ArchiveDamaged: it is not there any more.
        """
        end = self.offset + self.length
        for page in read_pages(self.place, start=self.start, damaged=_pass_over):
            # Only the record itself: what follows is another page's.
            if page.offset != self.start:
                break
            if self.identity == (page.captured_at, page.url, sha256(page.body).hexdigest()):
                return replace(page, file=self.file, offset=self.offset, end=end, whole=self.whole)
        raise ArchiveDamaged("what was here is not here any more", self.file, self.offset)


def entry_of(page: ExternalPage, source: str, *, place: ArchiveFile, start: int) -> Entry:
    """The page's entry; ``place`` and ``start`` are where it can be read on its own."""
    return Entry(
        source=source,
        captured_at=page.captured_at,
        url=page.url,
        digest=sha256(page.body).hexdigest(),
        payload_sha1=payload_sha1(page.answer.wire_body),
        content_type=page.content_type,
        whole=page.whole,
        path=page.path,
        file=page.file,
        offset=page.offset,
        length=page.end - page.offset,
        place=place,
        start=start,
    )


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """In the order of the captures, each response once."""
    # Reversed: of equal ones the dictionary keeps the last, which is the least.
    ranked = sorted(entries, key=lambda entry: (entry.identity, entry.rank), reverse=True)
    first = {entry.identity: entry for entry in ranked}
    return sorted(first.values(), key=lambda entry: entry.identity)


def _pass_over(_: ArchiveDamaged) -> None:
    """Ignore the damage: it was reported when the page was found."""
