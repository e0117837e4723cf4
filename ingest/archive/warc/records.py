"""A capture as WARC/1.1 records, one gzip member each (ISO 28500; IIPC's notes on WARC-Protocol).

The block holds the header lines and the body as received; only the transfer coding, which the connection
took off, is left out, and the length is put in its place.
"""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from ingest.records.capture import Capture, Headers
from ingest.records.pages import CaptureRow

LEVEL = 5
"""Level 6 takes 14% more of the processor for 0.6% fewer bytes, level 9 twice as much for none (measured)."""

PROTOCOLS = {"HTTP/1.0": "http/1.0", "HTTP/1.1": "http/1.1", "HTTP/2": "h2", "HTTP/2.0": "h2"}
UNFRAMED = {b"transfer-encoding", b"content-length"}
PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
RECORD_ID = re.compile(r"<[a-zA-Z][a-zA-Z0-9+.-]*:[!-;=?-~]{1,200}>")
"""A URI in angle brackets, as WARC 1.1 section 5.2 asks for."""
ASKED = "WARC-Requested-URI"
"""The address that was asked for, where a redirect led to another: a field of our own, ignored by others."""
Profile = Literal["identical-payload-digest", "server-not-modified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A record, compressed, and its id."""

    data: bytes
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """Where a capture that others made was taken from: their file's name, their record, when it was copied.

    The copy keeps the record's id (``<urn:uuid:...>``), by which their revisits know it.
    """

    file: str
    copied_at: datetime
    record_id: str = ""


def warcinfo_member(fields: Mapping[str, str], *, file: str, at: datetime) -> Member:
    """The record that opens a file. ``file`` is the file's final name."""
    record = _record(WarcRecordType.warcinfo, at)
    record.headers["WARC-Filename"] = file
    record.headers["Content-Type"] = "application/warc-fields"
    record.set_bytes_content("".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode())
    return _member(record)


def response_member(
    capture: Capture, *, warcinfo_id: str, borrowed: Borrowed | None = None, asked: str | None = None
) -> Member:
    """The response, with its body as received; ``asked`` is the address of the request that led to it."""
    record = _exchange(WarcRecordType.response, capture, warcinfo_id)
    if asked is not None and asked != capture.url:
        record.headers[ASKED] = asked
    if borrowed is not None:
        record.headers["WARC-Source-URI"] = borrowed.file
        record.headers["WARC-Creation-Date"] = warc_date(borrowed.copied_at)
        # <urn:uuid:...>; what others wrote need not be one, and a line break would begin a header.
        if RECORD_ID.fullmatch(borrowed.record_id):
            record.headers["WARC-Record-ID"] = borrowed.record_id
    record.set_bytes_content(_response_head(capture) + capture.wire_body)
    return _member(record, payload=capture.wire_body)


def revisit_member(
    capture: Capture,
    original: CaptureRow,
    *,
    warcinfo_id: str,
    profile: Profile = "identical-payload-digest",
) -> Member:
    """A revisit: a response whose payload is in the original's record.

    The block of server-not-modified is empty: a 304 in it would be replayed as an empty page (pywb).
    """
    record = _exchange(WarcRecordType.revisit, capture, warcinfo_id)
    record.headers["WARC-Profile"] = PROFILE + profile
    record.headers["WARC-Refers-To-Target-URI"] = original.url
    record.headers["WARC-Refers-To-Date"] = warc_date(original.captured_at)
    if original.record_id is not None:
        record.headers["WARC-Refers-To"] = original.record_id
    # The original's: a revisit's own block has no payload.
    record.headers["WARC-Payload-Digest"] = f"sha1:{original.payload_sha1}"
    record.set_bytes_content(_response_head(capture) if profile == "identical-payload-digest" else b"")
    return _member(record)


def request_member(capture: Capture, *, warcinfo_id: str, concurrent_to: str) -> Member:
    """The request; ``concurrent_to`` is the id of the response's record."""
    record = _exchange(WarcRecordType.request, capture, warcinfo_id)
    record.headers["WARC-Concurrent-To"] = concurrent_to
    url = urlsplit(capture.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    record.set_bytes_content(_head(f"{capture.method} {path} HTTP/1.1".encode(), capture.request_headers))
    return _member(record, payload=b"")


def warc_date(at: datetime) -> str:
    """A moment as WARC writes it, to the microsecond."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _record(kind: WarcRecordType, at: datetime) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(record_type=kind)
    record.headers["WARC-Date"] = warc_date(at)
    return record


def _exchange(kind: WarcRecordType, capture: Capture, warcinfo_id: str) -> WarcRecord:
    record = _record(kind, capture.captured_at)
    side = "request" if kind == WarcRecordType.request else "response"
    record.headers["WARC-Target-URI"] = capture.url
    record.headers["WARC-Warcinfo-ID"] = warcinfo_id
    record.headers["Content-Type"] = f"application/http; msgtype={side}"
    if capture.ip is not None:
        record.headers["WARC-IP-Address"] = capture.ip
    for protocol in _protocols(capture):
        record.headers.append("WARC-Protocol", protocol)
    if capture.cipher is not None:
        record.headers["WARC-Cipher-Suite"] = capture.cipher
    return record


def _protocols(capture: Capture) -> Iterator[str]:
    if capture.http_version in PROTOCOLS:
        yield PROTOCOLS[capture.http_version]
    if capture.tls is not None:
        yield f"tls/{capture.tls}"


def _response_head(capture: Capture) -> bytes:
    # HTTP/2 has no status line: the block is written as of 1.1, the protocol stands in WARC-Protocol.
    status = f"HTTP/1.1 {capture.status} {capture.reason}".rstrip().encode("latin-1", "replace")
    headers = [header for header in capture.response_headers if header[0].lower() not in UNFRAMED]
    headers.append((b"Content-Length", str(len(capture.wire_body)).encode()))
    return _head(status, tuple(headers))


def _head(first: bytes, headers: Headers) -> bytes:
    lines = [first, *(key + b": " + value for key, value in headers)]
    # A bare line break in a header would begin another one when it is read.
    return b"\r\n".join(line.replace(b"\r", b" ").replace(b"\n", b" ") for line in lines) + b"\r\n\r\n"


def _member(record: WarcRecord, payload: bytes | None = None) -> Member:
    sink = io.BytesIO()
    writer = GzipWriter(sink, compression_level=LEVEL)
    digest = hashlib.sha1(payload, usedforsecurity=False).digest() if payload is not None else None
    record.write(writer, checksum_data=True, payload_digest=digest)
    # Without finish() the whole file becomes one member (measured on fastwarc 2.0.1).
    writer.finish()
    writer.flush()
    return Member(data=sink.getvalue(), record_id=record.headers["WARC-Record-ID"] or "")
