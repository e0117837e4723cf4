"""An HTTP answer out of a record's block, whoever wrote it: head, framing, coding; all within bounds."""

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from fastwarc.stream_io import BrotliReader, ZstdReader

from ingest.records.capture import Headers

LARGEST_BODY = 32 * 1024 * 1024
LARGEST_HEAD = 256 * 1024
MOST_CODINGS = 3
CODING = b"content-encoding"
# Some tools write \n\n, and some leave blanks on the empty line.
HEAD_ENDS = re.compile(rb"\r?\n[ \t]*\r?\n")
GZIP = b"\x1f\x8b"
CHUNK = re.compile(rb"\r\n(?=[0-9a-fA-F]{1,8}\r\n)")
"""Where the next chunk begins, if the length of the one before it is wrong."""


class Unreadable(Exception):
    """Why the block is no HTTP answer that can be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``wire_body`` has the transfer coding taken off, ``body`` the content coding too.

    Where the body is not coded as its header says, the header is left out and both are the bytes there are.
    ``whole`` is false if the body is shorter than its framing says.
    """

    http_version: str
    status: int
    reason: str
    headers: Headers
    wire_body: bytes
    body: bytes
    whole: bool


def read_answer(block: bytes, *, largest: int = LARGEST_BODY) -> Answer:
    """The answer in a response record's block; raises Unreadable."""
    version, status, reason, headers, rest = _head(block)
    wire_body, whole = _unframed(headers, rest)
    if len(wire_body) > largest:
        raise Unreadable(f"the body is larger than {largest} bytes")
    body = _decoded(headers, wire_body, largest)
    if body is None:
        headers = tuple(header for header in headers if header[0].lower() != CODING)
    return Answer(
        http_version=version,
        status=status,
        reason=reason,
        headers=headers,
        wire_body=wire_body,
        body=wire_body if body is None else body,
        whole=whole,
    )


def read_headers_of(block: bytes) -> Headers:
    """The headers of the answer in a block; raises Unreadable."""
    return _head(block)[3]


def payload_of(block: bytes) -> bytes:
    """What follows the header lines, which is what a payload digest is taken of."""
    found = HEAD_ENDS.search(block)
    return block[found.end() :] if found is not None else b""


def values_of(headers: Headers, name: bytes) -> list[str]:
    """The values of a header, in lower case and apart where commas divide them."""
    found = ",".join(value.decode("latin-1") for key, value in headers if key.lower() == name)
    return [part for part in (name.strip().lower() for name in found.split(",")) if part]


def _head(block: bytes) -> tuple[str, int, str, Headers, bytes]:
    # The first empty line, whichever way its lines end: a body may hold the other kind (ClueWeb09).
    found = HEAD_ENDS.search(block, 0, LARGEST_HEAD)
    head, rest = (block[: found.start()], block[found.end() :]) if found is not None else (block, b"")
    if len(head) > LARGEST_HEAD:
        raise Unreadable("no HTTP answer is in it")
    first, *lines = head.split(b"\n")
    # A line that begins with a blank goes on the one before it, an old form that nothing here needs.
    headers = (line.partition(b":") for line in lines if b":" in line and line[:1] not in b" \t")
    return *_status_line(first), tuple((key.strip(), value.strip()) for key, _, value in headers), rest


def _status_line(line: bytes) -> tuple[str, int, str]:
    version, _, status = line.decode("latin-1").partition(" ")
    code, _, reason = status.strip().partition(" ")
    if not version.upper().startswith("HTTP/"):
        raise Unreadable("no HTTP answer is in it")
    if len(code) != 3 or not (code.isascii() and code.isdecimal()):
        raise Unreadable("its status cannot be read")
    return version, int(code), reason.strip()


def _unframed(headers: Headers, rest: bytes) -> tuple[bytes, bool]:
    if "chunked" in values_of(headers, b"transfer-encoding"):
        joined = _unchunked(rest)
        # A tool that took the chunks off may have left the header on.
        return (rest, True) if joined is None else joined
    lengths = values_of(headers, b"content-length")
    # Of two different lengths, as only broken servers send, the first.
    if lengths and lengths[0].isascii() and lengths[0].isdecimal() and len(lengths[0]) < 16:
        return rest, len(rest) >= int(lengths[0])
    return rest, not lengths


def _unchunked(rest: bytes) -> tuple[bytes, bool] | None:
    """The chunks joined and whether the last one is there; None if these are no chunks."""
    joined, at = bytearray(), 0
    while True:
        end = rest.find(b"\n", at, at + 1024)
        length = _chunk_length(rest[at:end]) if end >= 0 else None
        if length is None:
            return None if at == 0 else (bytes(joined), False)
        if length == 0:
            return bytes(joined), True
        over = end + 1 + length
        if over > len(rest) or not rest.startswith((b"\r\n", b"\n"), over):
            return _past_a_wrong_chunk(joined, rest, end + 1)
        joined += rest[end + 1 : over]
        at = over + (2 if rest[over : over + 2] == b"\r\n" else 1)


def _chunk_length(head: bytes) -> int | None:
    """``1a0;name=value`` announces 416 bytes; None if it announces no length."""
    size = head.partition(b";")[0].strip()
    try:
        # Sixteen digits of hex are more than any file.
        length = int(size, 16) if len(size) < 16 else -1
    except ValueError:
        return None
    return length if length >= 0 else None


def _past_a_wrong_chunk(joined: bytearray, rest: bytes, start: int) -> tuple[bytes, bool]:
    """All that follows a chunk's head whose length is wrong, without the heads of the chunks behind it."""
    first, *others = CHUNK.split(rest[start:])
    joined += first
    for chunk in others:
        length, _, data = chunk.partition(b"\r\n")
        if not int(length, 16):
            break
        joined += data
    return bytes(joined), False


def _decoded(headers: Headers, wire_body: bytes, largest: int) -> bytes | None:
    """The body with its content codings undone; None if it is not coded as announced."""
    codings = [coding for coding in values_of(headers, CODING) if coding != "identity"]
    if not wire_body:
        return wire_body
    if len(codings) > MOST_CODINGS:
        return None
    body = wire_body
    # Codings are listed in the order in which they were applied.
    for coding in reversed(codings):
        decode = DECODERS.get(coding)
        try:
            plain = decode(body, largest + 1) if decode else None
        except (OSError, ValueError, EOFError, zlib.error):
            plain = None
        if plain is None:
            return None
        if len(plain) > largest:
            raise Unreadable(f"the body is larger than {largest} bytes")
        body = plain
    return body


def _gunzipped(data: bytes, most: int) -> bytes | None:
    """The members joined, as browsers do; other bytes behind them are ignored."""
    plain, rest = bytearray(), data
    while rest.startswith(GZIP) and len(plain) < most:
        inflate = zlib.decompressobj(31)
        try:
            plain += inflate.decompress(rest, most - len(plain))
        except zlib.error:
            break
        if not inflate.eof:
            return bytes(plain) if len(plain) >= most else None
        rest = inflate.unused_data
    return bytes(plain) if rest is not data else None


def _inflated(data: bytes, most: int) -> bytes | None:
    # "deflate" is zlib's format; some servers send the bare stream, without zlib's head.
    for window in (15, -15):
        inflate = zlib.decompressobj(window)
        try:
            plain = inflate.decompress(data, most)
        except zlib.error:
            continue
        if inflate.eof or len(plain) >= most:
            return plain
    return None


def _brotli(data: bytes, most: int) -> bytes | None:
    return BrotliReader(io.BytesIO(data)).read(most)


def _zstd(data: bytes, most: int) -> bytes | None:
    return ZstdReader(io.BytesIO(data)).read(most)


DECODERS: dict[str, Callable[[bytes, int], bytes | None]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": _brotli,
    "zstd": _zstd,
}
