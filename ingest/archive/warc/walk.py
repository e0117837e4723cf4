"""The records of a WARC file, gzip or plain, one after the other; every length and checksum is checked.

    file --pieces (a gzip member, or a plain file)--> Window --records--> RawRecord

fastwarc and warcio both return a record that is cut short without an error (measured). Here a record is
returned only if it and its gzip member end as they should: length, blank lines, CRC.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ingest.archive.archive_file import ArchiveFile
from ingest.errors import ArchiveDamaged

PIECE = 64 * 1024
LARGEST_LINE = 16 * 1024
MOST_HEADERS = 200
LARGEST_BLOCK = 64 * 1024 * 1024
GZIP = b"\x1f\x8b"
END = b"\r\n\r\n"
LINE_FEEDS = b"\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """A whole record. ``offset`` and ``end`` are those of its gzip member, or of itself in a plain file.

    ``block`` is None if it is larger than a record may be: it was passed over. ``cut``: some of it is
    missing; ``alone``: it can be read again from its offset. ``walk`` hands out no others.
    """

    offset: int
    end: int
    headers: tuple[tuple[str, str], ...]
    block: bytes | None
    cut: bool = False
    alone: bool = True

    def header(self, name: str) -> str | None:
        """The first value of a WARC header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def kind(self) -> str:
        """Its WARC-Type in lower case; empty if it says none."""
        return (self.header("WARC-Type") or "").lower()


def walk(path: ArchiveFile, *, start: int = 0, largest: int = LARGEST_BLOCK) -> Iterator[RawRecord]:
    """The file's records from ``start``, where one must begin.

    Raises:
        ArchiveDamaged: from here on nothing is whole; the records before it have been handed out.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            while start < size:
                file.seek(start)
                gzipped = file.read(2) == GZIP
                file.seek(start)
                member = _Member(file, start, gzipped=gzipped)
                yield from _records(Window(member), member, largest)
                start = member.end
    except (_Broken, zlib.error) as exc:
        raise ArchiveDamaged(str(exc), path.name, start if gzipped else member.whole) from exc
    except OSError as exc:
        raise ArchiveDamaged(f"cannot be read: {exc.strerror}", path.name, start) from exc


class _Broken(Exception):
    """Why the file cannot be read on."""


class _Member:
    """A gzip member's content in pieces, or what is left of a plain file."""

    def __init__(self, file: BinaryIO, start: int, *, gzipped: bool) -> None:
        self._file = file
        self._inflate = zlib.decompressobj(31) if gzipped else None
        self._whole = False
        self.start = start
        self.end = start
        self.whole = start
        """Where the last whole record of a plain file ended."""

    @property
    def gzipped(self) -> bool:
        return self._inflate is not None

    def piece(self) -> bytes:
        """The next bytes; none at the end. Raises _Broken if the file ends before the member."""
        if self._inflate is None:
            read = self._file.read(PIECE)
            self.end += len(read)
            return read
        while not self._whole:
            # What did not fit into the last piece is inflated first: a small member can be a large page.
            data = self._inflate.unconsumed_tail or self._file.read(PIECE)
            inflated = self._inflate.decompress(data, PIECE)
            self._whole = self._inflate.eof
            if self._whole:
                self.end = self._file.tell() - len(self._inflate.unused_data)
            # Nothing left to read, and the member's end has not been met.
            elif not data and not inflated:
                raise _Broken("the file ends within a gzip member")
            if inflated:
                return inflated
        return b""


class Window:
    """Lines and blocks out of pieces, no more of them in memory than is asked for."""

    def __init__(self, member: _Member) -> None:
        self._member = member
        self._held = bytearray()
        self.taken = 0

    def more(self) -> bool:
        """Whether anything follows."""
        if not self._held:
            self._held += self._member.piece()
        return bool(self._held)

    def line(self) -> bytes:
        """The next line without its end."""
        searched = 0
        while (found := self._held.find(b"\n", searched)) < 0:
            # What was searched is not searched again.
            searched = len(self._held)
            piece = self._member.piece() if searched <= LARGEST_LINE else b""
            if not piece:
                raise _Broken("a header line does not end")
            self._held += piece
        return self.take(found + 1).rstrip(b"\r\n")

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        while len(self._held) < size:
            piece = self._member.piece()
            if not piece:
                raise _Broken("a record is cut short")
            self._held += piece
        taken = bytes(self._held[:size])
        del self._held[:size]
        self.taken += size
        return taken

    def skip(self, size: int) -> None:
        """Pass over ``size`` bytes."""
        while size:
            size -= len(self.take(min(size, PIECE)))


def _records(window: Window, member: _Member, largest: int) -> Iterator[RawRecord]:
    while window.more():
        offset = member.start if member.gzipped else member.start + window.taken
        headers = _headers(window)
        length = _length(headers)
        block = window.take(length) if length <= largest else None
        if block is None:
            window.skip(length)
        _take_end(window)
        # Only here is it known that the gzip member is whole, if the record is its last.
        followed = window.more()
        end = member.end if member.gzipped and not followed else member.start + window.taken
        member.whole = end
        yield RawRecord(offset=offset, end=end, headers=headers, block=block)


def _take_end(window: Window) -> None:
    """Two blank lines; some tools end lines with a line feed alone."""
    half = window.take(len(LINE_FEEDS))
    if half == LINE_FEEDS:
        return
    if not END.startswith(half) or half + window.take(len(END) - len(half)) != END:
        raise _Broken("a record does not end with two blank lines")


def _headers(window: Window) -> tuple[tuple[str, str], ...]:
    version = window.line()
    if not version.startswith(b"WARC/"):
        raise _Broken("no WARC record begins here")
    headers: list[tuple[str, str]] = []
    while line := window.line().decode("utf-8", "replace"):
        # A header that goes on on the next line (WARC 1.1, 4).
        if line[0] in " \t" and headers:
            key, value = headers.pop()
            headers.append((key, f"{value} {line.strip()}"))
            continue
        key, colon, value = line.partition(":")
        if not colon or len(headers) >= MOST_HEADERS:
            raise _Broken("a record's headers cannot be read")
        headers.append((key.strip(), value.strip()))
    return tuple(headers)


def _length(headers: tuple[tuple[str, str], ...]) -> int:
    lengths = [value for key, value in headers if key.lower() == "content-length"]
    # Two lengths: whichever is right, another tool may take the other.
    if len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdecimal() and len(lengths[0]) < 16):
        raise _Broken("a record's length cannot be read")
    return int(lengths[0])
