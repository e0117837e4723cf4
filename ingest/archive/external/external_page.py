"""What is found in a file that others made: its answers, and how many records of each type it has."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from ingest.archive.archive_file import ArchiveFile
from ingest.archive.warc.http_message import Answer
from ingest.records.capture import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPage:
    """A response that someone else stored. ``captured_at`` is their WARC-Date, ``body`` is decoded.

    ``whole`` is false where their tool says it cut the answer, or the body is shorter than was announced.
    ``asked`` is the address of the request, where a redirect led to another and thresher wrote the file.
    ``alone``: it can be read again from ``offset``. ``source`` is named by a file that thresher wrote.
    ``file`` is what ``path`` is called, or the file in a package.
    """

    path: ArchiveFile
    file: str
    offset: int
    end: int
    record_id: str
    revisit: bool
    url: str
    captured_at: datetime
    ip: str | None
    tls: str | None
    cipher: str | None
    answer: Answer
    whole: bool
    alone: bool = True
    asked: str | None = None
    source: str | None = None

    @property
    def requested_url(self) -> str:
        """The address that was asked for."""
        return self.asked or self.url

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status

    @property
    def body(self) -> bytes:
        """The body, decoded."""
        return self.answer.body

    @property
    def content_type(self) -> str | None:
        """The Content-Type header's value."""
        return self.as_capture().header("content-type")

    def as_capture(self) -> Capture:
        """The page as a capture of our own; its request is not known."""
        return Capture(
            url=self.url,
            captured_at=self.captured_at,
            method="GET",
            request_headers=(),
            http_version=self.answer.http_version,
            status=self.answer.status,
            reason=self.answer.reason,
            response_headers=self.answer.headers,
            wire_body=self.answer.wire_body,
            body=self.answer.body,
            ip=self.ip,
            framed=self.whole,
            seconds=0.0,
            tls=self.tls,
            cipher=self.cipher,
        )


@dataclass(slots=True)
class RecordCounts:
    """What a file holds: its records by type, and why some were passed over; bytes of content that are lost.

    ``no HTTP``: what was stored was no answer of a web server. ``other addresses``: no source knows them.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    lost_bytes: int = 0

    @property
    def records(self) -> int:
        """All of them."""
        return self.kinds.total()
