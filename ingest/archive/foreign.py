"""Pages out of WARC files that others made: any tool's, gzip or plain, damaged or crafted.

    path --walk--> RawRecord --response, or revisit with its original--> ForeignPage

What is wrong with one record is told by file and offset and the next is read; damage ends the file.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.archive.http import Answer, Unreadable, read_answer
from ingest.archive.walk import RawRecord, walk
from ingest.capture import Capture
from ingest.errors import ArchiveDamaged

NOT_MODIFIED = 304
TLS = re.compile(r"tls/\d\.\d")
MOST_REMEMBERED = 200_000
"""Responses of a file that a revisit in it may refer to."""

Told = Callable[[ArchiveDamaged], None]
Elsewhere = Callable[[str, str], Answer | None]
"""The response of an address whose payload has a digest (``sha1:`` and base32), if it is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPage:
    """An answer that someone else stored. ``captured_at`` is their WARC-Date, ``body`` is decoded.

    ``whole`` is false where their tool says it cut the answer, or the body is shorter than was announced.
    """

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
        """The same as if we had asked for it ourselves; what was asked is not told."""
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


def read_pages(
    path: Path, *, start: int = 0, damaged: Told | None = None, elsewhere: Elsewhere | None = None
) -> Iterator[ForeignPage]:
    """Every answer in a WARC file from ``start``, where a record must begin, in its order.

    ``damaged`` is told what cannot be read, and reading goes on behind it where that is possible;
    ``elsewhere`` knows responses that revisits repeat and the file does not hold.

    Raises:
        ArchiveDamaged: something cannot be read, and nobody wants to be told.
    """
    originals: dict[tuple[str, str], int] = {}
    try:
        for record in walk(path, start=start):
            try:
                page = _page(path, record, originals, elsewhere)
            except Unreadable as exc:
                _tell(damaged, ArchiveDamaged(str(exc), path.name, record.offset))
                continue
            if page is not None:
                yield page
    except ArchiveDamaged as error:
        _tell(damaged, error)


def _tell(damaged: Told | None, error: ArchiveDamaged) -> None:
    if damaged is None:
        raise error
    damaged(error)


def _page(
    path: Path, record: RawRecord, originals: dict[tuple[str, str], int], elsewhere: Elsewhere | None
) -> ForeignPage | None:
    if record.kind not in {"response", "revisit"} or not _is_http(record):
        return None
    if record.block is None:
        raise Unreadable("the record is larger than a record may be")
    page = _described(path, record)
    if record.kind == "revisit":
        first = _original(path, record, originals, elsewhere)
        return replace(page, answer=_repeated(record.block, first), whole=page.whole and first.whole)
    answer = read_answer(record.block)
    if len(originals) < MOST_REMEMBERED:
        for key in _keys(record):
            originals.setdefault(key, record.offset)
    return replace(page, answer=answer, whole=page.whole and answer.whole)


def _is_http(record: RawRecord) -> bool:
    said = (record.header("Content-Type") or "application/http").lower()
    return said.startswith("application/http") and _url(record).startswith(("http://", "https://"))


def _url(record: RawRecord) -> str:
    # wget wrote <...> around it, as an early draft had it.
    return (record.header("WARC-Target-URI") or "").strip("<>")


def _described(path: Path, record: RawRecord) -> ForeignPage:
    try:
        said = datetime.fromisoformat(record.header("WARC-Date") or "")
        captured_at = said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise Unreadable("its WARC-Date cannot be read") from exc
    return ForeignPage(
        file=path.name,
        offset=record.offset,
        end=record.end,
        record_id=record.header("WARC-Record-ID") or "",
        revisit=record.kind == "revisit",
        url=_url(record),
        captured_at=captured_at,
        ip=record.header("WARC-IP-Address"),
        tls=_tls(record),
        cipher=record.header("WARC-Cipher-Suite"),
        answer=NOTHING,
        whole=record.header("WARC-Truncated") is None,
    )


def _tls(record: RawRecord) -> str | None:
    said = (value.lower() for key, value in record.headers if key.lower() == "warc-protocol")
    return next((value.removeprefix("tls/") for value in said if TLS.fullmatch(value)), None)


NOTHING = Answer(http_version="", status=0, reason="", headers=(), wire_body=b"", body=b"", whole=False)


def _keys(record: RawRecord) -> Iterator[tuple[str, str]]:
    if record_id := record.header("WARC-Record-ID"):
        yield "id", record_id
    if digest := record.header("WARC-Payload-Digest"):
        yield "payload", digest
    yield _url(record), record.header("WARC-Date") or ""


def _original(
    path: Path, record: RawRecord, originals: dict[tuple[str, str], int], elsewhere: Elsewhere | None
) -> Answer:
    digest = record.header("WARC-Payload-Digest") or ""
    wanted = (
        ("id", record.header("WARC-Refers-To") or ""),
        (
            (record.header("WARC-Refers-To-Target-URI") or "").strip("<>"),
            record.header("WARC-Refers-To-Date") or "",
        ),
        ("payload", digest),
    )
    for key in wanted:
        if key not in originals:
            continue
        # A member may hold more than one record: the one that is meant has the key.
        for found in walk(path, start=originals[key]):
            if found.block is not None and found.kind == "response" and key in set(_keys(found)):
                return read_answer(found.block)
    target = record.header("WARC-Refers-To-Target-URI") or record.header("WARC-Target-URI") or ""
    if elsewhere is not None and (held := elsewhere(target.strip("<>"), digest)) is not None:
        return held
    raise Unreadable("a revisit of a response that the file does not hold")


def _repeated(block: bytes, first: Answer) -> Answer:
    try:
        own = read_answer(block)
    except Unreadable:  # an empty block, as it should be for a 304
        return first
    if own.status == NOT_MODIFIED:
        return first
    return replace(first, status=own.status, reason=own.reason, http_version=own.http_version)
