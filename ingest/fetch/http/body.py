"""A response body, received and decoded within bounds.

httpx's own decoders return 64 MiB at once, and accept a cut gzip stream, a lost second member and trailing
garbage as a good end. Here every byte is checked: a body is whole, or it is refused. Faults that browsers
tolerate are tolerated and named in ``oddities``: an unregistered coding, gzip that is announced and not sent,
bytes behind the end of the stream.
"""

import zlib
from collections.abc import Sequence

from ingest.errors import BodyRefused

GZIP_WINDOW = 31
"""zlib's word for: a gzip header, 32 KiB of history."""

MOST_MEMBERS = 64
"""A gzip body of many members costs too much time; a real one has one member, seldom two."""

IDENTITY = ("", "identity")
GZIP = ("gzip", "x-gzip")
# The first two bytes of every gzip member.
MAGIC = b"\x1f\x8b"

OTHER_CODINGS = (
    *("br", "zstd", "deflate", "compress", "x-compress"),
    *("dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"),
)
"""IANA's registry without gzip. What it does not list (``UTF-8``, ``none``) codes nothing."""


class BodyCut(BodyRefused):
    """The body was cut short: another try may receive the whole."""


def is_gzipped(codings: Sequence[str], url: str) -> bool:
    """Whether the Content-Encoding headers say gzip; raises BodyRefused if they say anything else."""
    named = _named(codings)
    if not any(coding in GZIP + OTHER_CODINGS for coding in named):
        return False
    # "gzip, gzip" is two codings: nobody asked for it.
    if len(named) == 1 and named[0] in GZIP:
        return True
    raise BodyRefused(f"the body is coded as {', '.join(named)[:80]!r}, which was not asked for", url)


def made_up_coding(codings: Sequence[str]) -> str | None:
    """The oddity of Content-Encoding headers that name an unregistered coding; None if all are registered."""
    named = [coding for coding in _named(codings) if coding not in GZIP + OTHER_CODINGS]
    return f"{named[0][:80]!r} is no content coding" if named else None


def _named(codings: Sequence[str]) -> list[str]:
    # Content-Encoding: gzip, and: Content-Encoding: GZIP, identity
    parts = (part.strip().lower() for coding in codings for part in coding.split(","))
    return [part for part in parts if part not in IDENTITY]


class Body:
    """Collects a body: ``feed`` its pieces, ``close`` it, then read ``wire``, ``decoded`` and ``oddities``.

    ``beginning``: a longer body than ``decoded_bytes`` is not refused, it ``is_enough`` then.
    """

    def __init__(
        self, *, gzipped: bool, wire_bytes: int, decoded_bytes: int, url: str, beginning: bool = False
    ) -> None:
        self.oddities: list[str] = []
        self.is_enough = False
        self._beginning = beginning
        self._gzipped = gzipped
        self._most_wire = wire_bytes
        self._most_decoded = decoded_bytes
        self._url = url
        self._wire = bytearray()
        self._decoded = bytearray()
        self._members = 0
        self._member: zlib._Decompress | None = None
        self._between = b""  # bytes after a member's end, until it is known what they begin
        self._is_over = False

    @property
    def wire(self) -> bytes:
        """The body as received."""
        return bytes(self._wire)

    @property
    def decoded(self) -> bytes:
        """The body with its content coding undone."""
        return bytes(self._decoded if self._gzipped else self._wire)

    def feed(self, piece: bytes) -> None:
        """Take the next piece; raises BodyRefused if it is too much, or not gzip as announced."""
        if len(self._wire) + len(piece) > self._most_wire:
            raise BodyRefused(f"the body is larger than {self._most_wire} bytes", self._url)
        self._wire += piece
        if not self._gzipped and len(self._wire) > self._most_decoded:
            self._too_large()
        if self._gzipped:
            self._inflate(piece)

    def close(self) -> None:
        """The body has ended; raises BodyCut if its gzip stream has not."""
        if self.is_enough:
            return
        # httpx would give what was decoded so far as the whole page.
        if self._between or (self._member is not None and not self._member.eof):
            raise BodyCut("the gzip stream is cut short", self._url)
        if self._gzipped and not self._members:
            self.oddities.append("gzip is announced, and nothing is sent")

    def _too_large(self) -> None:
        if not self._beginning:
            raise BodyRefused(f"the body is larger than {self._most_decoded} bytes", self._url)
        self.is_enough = True

    def _inflate(self, data: bytes) -> None:
        while data and not (self._is_over or self.is_enough):
            if self._member is None or self._member.eof:
                data = self._begin_member(data)
            else:
                data = self._inflate_step(self._member, data)

    def _begin_member(self, data: bytes) -> bytes:
        """The bytes to inflate; none while that is not known, or where the data is not gzip."""
        data = self._between + data
        # gzip(1) too passes over zeros between and behind members.
        behind = data.lstrip(b"\0") if self._members else data
        if len(behind) < len(data):
            self._odd("zeros follow the gzip stream")
        self._between = b""
        if behind.startswith(MAGIC):
            self._member = self._next_member()
            return behind
        # One byte of two: the next piece says whether it is gzip.
        if MAGIC.startswith(behind):
            self._between = behind
        else:
            self._end_of_stream(behind)
        return b""

    def _end_of_stream(self, data: bytes) -> None:
        if self._members:
            self._odd("other bytes follow the gzip stream")
            self._is_over = True
            return
        self._odd("gzip is announced, and plain bytes are sent")
        self._gzipped = False
        if len(data) > self._most_decoded:
            self._too_large()

    def _odd(self, what: str) -> None:
        if what not in self.oddities:
            self.oddities.append(what)

    def _inflate_step(self, member: "zlib._Decompress", data: bytes) -> bytes:
        room = self._most_decoded - len(self._decoded) + 1  # one more than is allowed, to see that it is more
        try:
            self._decoded += member.decompress(data, room)
        except zlib.error as exc:
            raise BodyRefused(f"the gzip stream is damaged: {exc}", self._url) from exc
        if len(self._decoded) > self._most_decoded:
            self._too_large()
        return member.unused_data if member.eof else member.unconsumed_tail

    def _next_member(self) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BodyRefused(f"the body has more than {MOST_MEMBERS} gzip members", self._url)
        return zlib.decompressobj(GZIP_WINDOW)
