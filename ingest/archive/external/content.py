"""The uncompressed content of a file that others made, up to its next damage, and where each byte of it is.

    file --gzip members | plain bytes | another codec--> Piece --Content--> lines and blocks

A gzip member that cannot be read ends a stretch of content; the next stretch begins at the next member that
can. A record may go over the border of two members (files that were compressed in blocks).
"""

import re
import zlib
from collections import deque
from dataclasses import dataclass
from typing import IO, Protocol

PIECE = 64 * 1024
GZIP = b"\x1f\x8b\x08"
SMALLEST_MEMBER = 18
STEP = 64
LONGEST_LINE = 1024
"""Of a record's first line, so far as it is looked at to know it."""
BEGINNING = rb"WARC/\d{1,2}\.\d{1,2}[ \t]*\r?\n"
ARC_LINE = (
    rb"(?P<url>[A-Za-z][A-Za-z0-9+.-]{1,20}:[^\r\n]{1,100000}?)"
    rb"[ \t](?P<ip>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+|-)"
    rb"[ \t](?P<date>\d{4}|\d{6}|\d{8,17})[ \t](?P<more>[^\r\n]{0,256}?)[ \t]?(?P<length>\d{1,15})[ \t]*\r?\n"
)
"""An ARC record's one header line, of version 1 (five fields) or 2 (ten): the last is the length."""
RECORD = re.compile(rb"(?:%b|%b)" % (BEGINNING, ARC_LINE))


class Torn(Exception):
    """Why the content ends here, and the offset in the file."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason, self.offset = reason, offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some content. ``start`` is the offset of its member; ``first``: the member begins with it.

    ``before`` is where the member before it ended.
    """

    data: bytes
    start: int
    first: bool
    before: int


class Source(Protocol):
    """Hands out content piece by piece."""

    seekable: bool
    """Whether a record can be read again from the offset of its first byte or member."""
    end: int
    """How far the file has been read: the end of the last member, or byte."""

    def piece(self) -> Piece | None:
        """The next piece, None at the end. Raises Torn."""

    def resume(self) -> bool:
        """After Torn: whether there is content behind the damage."""


class Plain:
    """A file that is not compressed."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self.file = file
        self._begun = False
        self.seekable = True
        self.start = start
        self.end = start
        file.seek(start)

    def piece(self) -> Piece | None:
        """The next bytes."""
        data = self.file.read(PIECE)
        first, self._begun = not self._begun, True
        before, self.end = self.end, self.end + len(data)
        return Piece(data=data, start=self.start, first=first, before=before) if data else None

    def resume(self) -> bool:
        """A plain file has no damage before its end."""
        return False


class Decoded(Plain):
    """What a codec makes of a file; offsets are those of the content."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._begun = False
        self.seekable = False
        self.start = self.end = 0

    def piece(self) -> Piece | None:
        """The next bytes; raises Torn, behind which nothing can be read."""
        try:
            piece = super().piece()
        except Exception as exc:  # each codec has errors of its own
            raise Torn(f"the compressed data is damaged: {exc}", self.end) from exc
        if piece is None and not self.end:
            raise Torn("the compressed data holds nothing", 0)
        return piece


class Gzip:
    """Gzip members one after the other; what is not compressed behind them is read as it is."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self._at = self._before = start
        self._inflate: zlib._Decompress | None = None
        self._raw = False
        self._unread = b""
        self._first = True
        self._torn: Torn | None = None
        self.seekable = True
        self.end = start
        file.seek(start)

    def piece(self) -> Piece | None:
        """The next content; raises Torn."""
        while True:
            if self._torn is not None:
                raise self._torn
            if self._inflate is None and not self._raw and not self._begin():
                return None
            data = self._stored() if self._raw else self._inflated()
            if data:
                first, self._first = self._first, False
                return Piece(data=data, start=self._at, first=first, before=self._before)

    def resume(self) -> bool:
        """Look for the next member that can be read."""
        self._torn, self._inflate, self._unread = None, None, b""
        place = self._at + 1
        self._file.seek(place)
        while True:
            if len(self._unread) < PIECE:
                self._unread += self._file.read(PIECE)
            found = self._unread.find(GZIP)
            if found >= 0 and begins_a_member(self._unread[found : found + PIECE]):
                self._unread = self._unread[found:]
                self.end = place + found
                return True
            passed = found + 1 if found >= 0 else len(self._unread) - len(GZIP) + 1
            if passed <= 0 or len(self._unread) < SMALLEST_MEMBER:
                return False
            place, self._unread = place + passed, self._unread[passed:]

    def _begin(self) -> bool:
        """Whether a member follows; NULs behind the last one are padding."""
        offset = self._before = self.end
        while not (stripped := self._unread.lstrip(b"\0")):
            offset += len(self._unread)
            self._unread = self._file.read(PIECE)
            if not self._unread:
                return False
        self._at = offset + len(self._unread) - len(stripped)
        if len(stripped) < LONGEST_LINE:
            stripped += self._file.read(PIECE)
        self._unread, self._first = stripped, True
        self._raw = RECORD.match(stripped) is not None
        if not self._raw and not stripped.startswith(GZIP):
            raise Torn("no WARC record begins here", self._at)
        self._inflate = None if self._raw else zlib.decompressobj(31)
        return True

    def _stored(self) -> bytes:
        data, self._unread = self._unread or self._file.read(PIECE), b""
        self._raw = bool(data)
        self.end = self._file.tell()
        return data

    def _inflated(self) -> bytes:
        """Some content of the member; nothing if there is none, or it is over."""
        inflate = self._inflate or zlib.decompressobj(31)
        data = inflate.unconsumed_tail or self._unread or self._file.read(PIECE)
        self._unread = b""
        before = inflate.copy()
        try:
            inflated = inflate.decompress(data, PIECE)
        except zlib.error as exc:
            self._torn = Torn(f"the gzip member is damaged: {exc}", self._at)
            return _until_the_error(before, data)
        if inflate.eof:
            self._unread = inflate.unused_data
            self.end = self._file.tell() - len(self._unread)
            self._inflate = None
        elif not data and not inflated:
            raise Torn("the file ends within a gzip member", self._at)
        return inflated


def begins_a_member(data: bytes) -> bool:
    """Whether a gzip member is there that begins with a record."""
    try:
        begun = zlib.decompressobj(31).decompress(data, LONGEST_LINE)
    except zlib.error:
        return False
    return RECORD.match(begun) is not None


def _until_the_error(inflate: "zlib._Decompress", data: bytes) -> bytes:
    """As much as can be inflated of data that raises an error as a whole."""
    inflated = bytearray()
    # A call that fails loses its output: so inflate in large steps first, then byte by byte.
    for size in (STEP, 1):
        try:
            while True:
                before, left = inflate.copy(), data
                inflated += (step := inflate.decompress(data, size))
                data = inflate.unconsumed_tail
                if not step:
                    break
        except zlib.error:
            inflate, data = before, left
    return bytes(inflated)


class Content:
    """A stretch of content, read as lines and blocks; only what is requested is in memory.

    ``torn`` is set once the damage that ends it has been met.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._over = False
        self._members: deque[tuple[int, int, int]] = deque()
        """Of each member: where its content begins, its offset, where the member before it ended."""
        self.held = bytearray()
        self.at = 0
        self.torn: Torn | None = None

    def fill(self) -> bool:
        """Whether there was more; raises nothing."""
        if self._over:
            return False
        try:
            piece = self._source.piece()
        except Torn as torn:
            self.torn, piece = torn, None
        if piece is None:
            self._over = True
            return False
        if piece.first:
            self._members.append((self.at + len(self.held), piece.start, piece.before))
        self.held += piece.data
        return True

    def has(self, size: int) -> bool:
        """Whether so many bytes follow."""
        while len(self.held) < size:
            if not self.fill():
                return False
        return True

    def drop(self, size: int) -> bytes:
        """The next ``size`` held bytes, which are over with."""
        taken = bytes(self.held[:size])
        del self.held[:size]
        self.at += size
        while len(self._members) > 1 and self._members[1][0] <= self.at:
            self._members.popleft()
        return taken

    def place(self) -> tuple[int, bool]:
        """The offset in the file of what comes next, and whether it can be read again from there."""
        if not self._members:
            return self._source.end, False
        begins, offset, _ = self._members[0]
        if isinstance(self._source, Plain):
            return offset + self.at - begins, self._source.seekable
        return offset, self._source.seekable and begins == self.at

    def end(self) -> int:
        """Where what was just dropped ends: its member, if it is the last of it."""
        if not self.held:
            self.fill()
        if not self.held:
            return self._source.end
        begins, offset, before = self._members[0]
        if begins == self.at and not isinstance(self._source, Plain):
            return before
        return offset + self.at - begins

    def next_member(self, begins: int) -> int | None:
        """How many bytes of content it is to the next member, if that begins a record behind ``begins``."""
        for start, _, _ in self._members:
            if start > begins:
                ahead = start - self.at
                self.has(ahead + LONGEST_LINE)
                if RECORD.match(self.held, ahead):
                    return ahead
        return None
