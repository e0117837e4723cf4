"""A capture as WARC/1.1 records, one gzip member each (ISO 28500; IIPC's notes on WARC-Protocol).

The block holds the header lines and the body as received; only the transfer coding, which the connection
took off, is left out, and the length is put in its place.
"""

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from ingest.capture import Capture, Headers

LEVEL = 6
"""Level 9 buys nothing on pages and costs 1.75 times the CPU (measured)."""

UNFRAMED = {b"transfer-encoding", b"content-length"}


def warcinfo_member(fields: Mapping[str, str], *, file: str, at: datetime) -> tuple[bytes, str]:
    """The record that opens a file, and its id. ``file`` is the file's final name."""
    record = _record(WarcRecordType.warcinfo, at)
    record.headers["WARC-Filename"] = file
    record.headers["Content-Type"] = "application/warc-fields"
    record.set_bytes_content("".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode())
    return _member(record), _id(record)


def capture_members(capture: Capture, *, warcinfo_id: str) -> tuple[bytes, bytes]:
    """The response's member and the request's."""
    response = _record(WarcRecordType.response, capture.captured_at)
    request = _record(WarcRecordType.request, capture.captured_at)
    for record, kind in ((response, "response"), (request, "request")):
        record.headers["WARC-Target-URI"] = capture.url
        record.headers["WARC-Warcinfo-ID"] = warcinfo_id
        record.headers["Content-Type"] = f"application/http; msgtype={kind}"
        if capture.ip is not None:
            record.headers["WARC-IP-Address"] = capture.ip
        record.headers["WARC-Protocol"] = "http/1.1"
    request.headers["WARC-Concurrent-To"] = _id(response)
    response.set_bytes_content(_response_block(capture))
    request.set_bytes_content(_request_block(capture))
    return _member(response, payload=capture.wire_body), _member(request, payload=b"")


def _id(record: WarcRecord) -> str:
    return record.headers["WARC-Record-ID"] or ""


def _record(kind: WarcRecordType, at: datetime) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(record_type=kind)
    record.headers["WARC-Date"] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return record


def _response_block(capture: Capture) -> bytes:
    status = f"HTTP/1.1 {capture.status} {capture.reason}".rstrip().encode("latin-1", "replace")
    headers = [header for header in capture.response_headers if header[0].lower() not in UNFRAMED]
    headers.append((b"Content-Length", str(len(capture.wire_body)).encode()))
    return _head(status, tuple(headers)) + capture.wire_body


def _request_block(capture: Capture) -> bytes:
    url = urlsplit(capture.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return _head(f"{capture.method} {path} HTTP/1.1".encode(), capture.request_headers)


def _head(first: bytes, headers: Headers) -> bytes:
    lines = [first, *(key + b": " + value for key, value in headers)]
    return b"\r\n".join(line.replace(b"\r", b" ").replace(b"\n", b" ") for line in lines) + b"\r\n\r\n"


def _member(record: WarcRecord, payload: bytes | None = None) -> bytes:
    sink = io.BytesIO()
    writer = GzipWriter(sink, compression_level=LEVEL)
    digest = hashlib.sha1(payload, usedforsecurity=False).digest() if payload is not None else None
    record.write(writer, checksum_data=True, payload_digest=digest)
    # Without finish() the whole file becomes one member (measured on fastwarc 2.0.1).
    writer.finish()
    writer.flush()
    return sink.getvalue()
