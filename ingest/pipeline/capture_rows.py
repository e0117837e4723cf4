"""The index entry of a capture, when it is put into the archive and once it is read."""

import hashlib
from dataclasses import fields, replace

from ingest.archive import Written
from ingest.records.capture import Capture
from ingest.records.pages import CaptureRow
from parsers.records import ParsedPage

LEARNT = tuple(
    {field.name for field in fields(CaptureRow)}
    & {field.name for field in fields(ParsedPage)} - {"source", "url"}
)
"""What reading a capture tells of it, by the same name in both records."""


def index_row(
    capture: Capture, written: Written, *, source: str, run_id: int | None, url: str, error: str | None = None
) -> CaptureRow:
    """The capture's row; ``url`` is the address that was asked for.

    A capture that a redirect brought has no payload digest: a revisit would have to name another address.
    """
    return CaptureRow(
        run_id=run_id,
        source=source,
        url=url,
        kind=None,
        captured_at=capture.captured_at,
        status=capture.status,
        # Of the decoded body: the same page is sent with and without compression.
        digest=hashlib.sha256(capture.body).hexdigest(),
        content_type=capture.header("content-type"),
        warc_file=written.file,
        warc_offset=written.offset,
        warc_length=written.length,
        framed=capture.framed,
        error=error,
        payload_sha1=written.payload_sha1 if capture.url == url and capture.wire_body else None,
        record_id=written.record_id,
        refers_to=written.refers_to,
    )


def read_as(row: CaptureRow, page: ParsedPage) -> CaptureRow:
    """The capture's row with what its page says of itself."""
    return replace(row, error=None, day=page.date, **{name: getattr(page, name) for name in LEARNT})
