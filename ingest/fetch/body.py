"""A response body, received and decoded within bounds.

httpx's own decoders hand out 64 MiB at once, and take a cut gzip stream, a lost second member and trailing
garbage for a good end. Here every byte is accounted for: a body is whole, or it is refused.
"""

import zlib
from collections.abc import Sequence

from ingest.errors import BodyRefused

GZIP_WINDOW = 31
"""zlib's word for: a gzip header, 32 KiB of history."""

MOST_MEMBERS = 64
"""A gzip file of many members costs time out of proportion; an honest one has one, seldom two."""

IDENTITY = ("", "identity")
GZIP = ("gzip", "x-gzip")


class BodyCut(BodyRefused):
    """The body ended before its end: asking again may bring the whole of it."""


def is_gzipped(codings: Sequence[str], url: str) -> bool:
    """Whether the Content-Encoding headers say gzip; raises BodyRefused if they say anything else."""
    coding = ",".join(codings).strip().lower()
    if coding in GZIP:
        return True
    if coding in IDENTITY:
        return False
    raise BodyRefused(f"the body is coded as {coding[:80]!r}, which was not asked for", url)


class Body:
    """Collects a body: ``feed`` its pieces, ``close`` it, then read ``wire`` and ``decoded``."""

    def __init__(self, *, gzipped: bool, wire_bytes: int, decoded_bytes: int, url: str) -> None:
        self._gzipped = gzipped
        self._most_wire = wire_bytes
        self._most_decoded = decoded_bytes
        self._url = url
        self._wire = bytearray()
        self._decoded = bytearray()
        self._members = 0
        self._member = None if not gzipped else self._next_member()

    @property
    def wire(self) -> bytes:
        """The body as received."""
        return bytes(self._wire)

    @property
    def decoded(self) -> bytes:
        """The body with its content coding undone."""
        return bytes(self._decoded if self._gzipped else self._wire)

    def feed(self, piece: bytes) -> None:
        """Take the next piece; raises BodyRefused if it is too much, or not gzip where gzip was said."""
        if len(self._wire) + len(piece) > self._most_wire:
            raise BodyRefused(f"the body is larger than {self._most_wire} bytes", self._url)
        self._wire += piece
        if not self._gzipped and len(self._wire) > self._most_decoded:
            raise BodyRefused(f"the body is larger than {self._most_decoded} bytes", self._url)
        if self._gzipped:
            self._inflate(piece)

    def close(self) -> None:
        """The body has ended; raises BodyCut if its gzip stream has not."""
        if self._member is not None and not self._member.eof:
            raise BodyCut("the gzip stream is cut short", self._url)

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._member is None or self._member.eof:
                self._member = self._next_member()
            data = self._inflate_step(self._member, data)

    def _inflate_step(self, member: "zlib._Decompress", data: bytes) -> bytes:
        room = self._most_decoded - len(self._decoded) + 1  # one more than is allowed, to see that it is more
        try:
            self._decoded += member.decompress(data, room)
        except zlib.error as exc:
            raise BodyRefused(f"the gzip stream is damaged: {exc}", self._url) from exc
        if len(self._decoded) > self._most_decoded:
            raise BodyRefused(f"the body is larger than {self._most_decoded} bytes", self._url)
        return member.unused_data if member.eof else member.unconsumed_tail

    def _next_member(self) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BodyRefused(f"the body has more than {MOST_MEMBERS} gzip members", self._url)
        return zlib.decompressobj(GZIP_WINDOW)
