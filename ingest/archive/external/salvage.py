"""The records of a file that others made, WARC or ARC; what is damaged between them is named and passed over.

    Source --Content (a stretch without damage)--> RawRecord ... Damage ... RawRecord

``walk`` stops at the first fault, as recovery of our own files must. Here small faults are tolerated, and
reading continues at the next gzip member, or at the next line that begins a record. warcio and fastwarc
return a block that is cut short without an error (measured): here the record is marked as cut.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.archive.external.content import (
    ARC_LINE,
    BEGINNING,
    GZIP,
    RECORD,
    Content,
    Gzip,
    Plain,
    Source,
    Torn,
    begins_a_member,
)
from ingest.archive.warc.walk import LARGEST_BLOCK, RawRecord

LARGEST_HEAD = 1024 * 1024
"""Of a record's own header lines: an address of 90 kB was seen."""
# A byte-order mark, which an editor put before the first record.
MARK = b"\xef\xbb\xbf"
WARC = re.compile(BEGINNING)
ARC = re.compile(ARC_LINE)
NEXT = re.compile(rb"\n(?=%b)" % RECORD.pattern)
SWALLOWED = re.compile(rb"\n\r?\n(?=%b[A-Za-z-]+[ \t]*:)" % BEGINNING)
"""Where a record begins in the block of the one before it, whose length is wrong."""
# What stands between records: two line ends as a rule, or more, or padding.
GAP = b"\r\n \t\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What cannot be read: from where, and how many bytes of content went with it."""

    offset: int
    reason: str
    lost: int = 0


OnDamage = Callable[[Damage], None]


def salvage(source: Source, *, damaged: OnDamage, largest: int = LARGEST_BLOCK) -> Iterator[RawRecord]:
    """Every record that can be found; ``damaged`` is called for the bytes between them."""
    while True:
        content = Content(source)
        stretch = _Stretch(content, damaged, largest, plain=isinstance(source, Plain))
        yield from stretch.records()
        if isinstance(source, Plain) and stretch.gzip_at is not None:
            source = Gzip(source.file, stretch.gzip_at)
            continue
        if content.torn is None:
            return
        damaged(Damage(offset=content.torn.offset, reason=content.torn.reason))
        if not _resumes(source, damaged):
            return


def _resumes(source: Source, damaged: OnDamage) -> bool:
    try:
        return source.resume()
    except Torn as torn:
        damaged(Damage(offset=torn.offset, reason=torn.reason))
        return False


class _Stretch:
    """The records of one stretch of content."""

    def __init__(self, content: Content, damaged: OnDamage, largest: int, *, plain: bool) -> None:
        self._content = content
        self._damaged = damaged
        self._largest = largest
        self._plain = plain
        self.gzip_at: int | None = None
        """Where gzip members follow in a plain file."""

    def records(self) -> Iterator[RawRecord]:
        content = self._content
        if content.has(len(MARK)) and content.held.startswith(MARK):
            content.drop(len(MARK))
        while self._pass_gap():
            if self._plain and content.held.startswith(GZIP) and self._is_gzip():
                return
            record = self._record()
            if record is not None:
                yield record

    def _is_gzip(self) -> bool:
        self._content.has(LARGEST_HEAD)
        offset, alone = self._content.place()
        if alone and begins_a_member(bytes(self._content.held[:LARGEST_HEAD])):
            self.gzip_at = offset
        return self.gzip_at is not None

    def _pass_gap(self) -> bool:
        """Whether anything follows the blank lines and the padding."""
        content = self._content
        while content.fill() if not content.held else True:
            blank = len(content.held) - len(content.held.lstrip(GAP))
            content.drop(blank)
            if content.held:
                return True
        return False

    def _record(self) -> RawRecord | None:
        content = self._content
        offset, alone = content.place()
        head = self._head()
        if head is None:
            lost = self._pass_to_next()
            # A tail that is torn is named by its tear.
            if content.torn is None or content.held or lost > LARGEST_HEAD:
                self._damaged(Damage(offset=offset, reason="no WARC record begins here", lost=lost))
            return None
        headers, length = head
        block, cut = self._block(offset, length)
        # A member's checksum is read behind its last record.
        cut |= not self._pass_gap() and content.torn is not None
        return RawRecord(offset=offset, end=content.end(), headers=headers, block=block, cut=cut, alone=alone)

    def _head(self) -> tuple[tuple[tuple[str, str], ...], int | None] | None:
        content = self._content
        content.has(1024)
        if WARC.match(content.held):
            return self._warc_head()
        # An ARC line with a long address: it is read on until its end is there.
        if b":" in content.held[:64] and b"\n" not in content.held:
            content.has(LARGEST_HEAD // 8)
        found = ARC.match(content.held)
        if found is None:
            return None
        headers = _arc_headers(found)
        length = int(found["length"])
        content.drop(found.end())
        return headers, length

    def _warc_head(self) -> tuple[tuple[tuple[str, str], ...], int | None] | None:
        content, searched = self._content, 0
        while (found := END_OF_HEAD.search(content.held, searched)) is None:
            searched = max(0, len(content.held) - 4)
            if len(content.held) > LARGEST_HEAD or not content.fill():
                return None
        lines = bytes(content.held[: found.start()]).decode("utf-8", "replace").split("\n")
        headers = _headers(lines[1:])
        if not headers:
            return None
        content.drop(found.end())
        return headers, _length(headers)

    def _block(self, offset: int, length: int | None) -> tuple[bytes | None, bool]:
        """The block, None if it is too large, and whether something of it is missing."""
        if length is None:
            self._damaged(Damage(offset=offset, reason="its length cannot be read: taken to the next record"))
            return self._until_next(), True
        if length > self._largest:
            return None, self._skip(length)
        size = self._available(length)
        tidy = size == length and self._ends_well(size)
        if not tidy and (found := SWALLOWED.search(self._content.held, 0, size)):
            # The record's length takes in the record behind it.
            size, tidy = found.end(), False
            self._damaged(Damage(offset=offset, reason="the record is shorter than its Content-Length"))
            return self._content.drop(size).rstrip(b"\r\n"), True
        block = self._content.drop(size)
        if size == length:
            return block, False
        if self._plain:
            reason = f"a record is cut short: {length - size} bytes of its Content-Length are missing"
            self._damaged(Damage(offset=offset, reason=reason))
        # A member that is whole and holds less than its record says was not damaged: it was written so.
        written_so = not self._plain and self._content.torn is None
        return (block.removesuffix(b"\r\n\r\n") if written_so else block), not written_so

    def _available(self, length: int) -> int:
        """How much of a block of this length is there before the next record's member, or the end."""
        content = self._content
        begins = content.at
        while len(content.held) < length:
            if (ahead := content.next_member(begins)) is not None:
                return min(ahead, length)
            if not content.fill():
                return len(content.held)
        ahead = content.next_member(begins)
        return length if ahead is None else min(ahead, length)

    def _skip(self, length: int) -> bool:
        content = self._content
        begins = content.at
        while length:
            if not content.held and not content.fill():
                return True
            ahead = content.next_member(begins)
            size = min(length, len(content.held) if ahead is None else ahead)
            content.drop(size)
            length -= size
            if ahead == size and length:
                return True
        return False

    def _ends_well(self, size: int) -> bool:
        """Whether blank lines and another record follow a block of this size, or nothing."""
        content = self._content
        content.has(size + 1024)
        rest = bytes(content.held[size : size + 1024]).lstrip(GAP)
        if not rest or RECORD.match(rest):
            return True
        return self._plain and rest.startswith(GZIP)

    def _until_next(self) -> bytes | None:
        content, searched = self._content, 0
        begins = content.at
        while True:
            if (ahead := content.next_member(begins)) is not None:
                return content.drop(ahead).rstrip(b"\r\n")
            found = NEXT.search(content.held, max(0, searched - 1024))
            if found is not None:
                return content.drop(found.end()).rstrip(b"\r\n")
            searched = len(content.held)
            # Nothing that begins a record for so long: the rest is passed over and not held.
            if len(content.held) > self._largest:
                self._pass_to_next()
                return None
            if not content.fill():
                return content.drop(len(content.held)).rstrip(b"\r\n")

    def _pass_to_next(self) -> int:
        """Go to the next line that begins a record; return how many bytes were passed over."""
        content, passed = self._content, 0
        if content.held:
            passed += len(content.drop(1))
        while True:
            ahead = content.next_member(content.at - 1)
            found = NEXT.search(content.held)
            places = [place for place in (ahead, found and found.end()) if place is not None]
            if places:
                return passed + len(content.drop(min(places)))
            passed += len(content.drop(max(0, len(content.held) - 2048)))
            if not content.fill():
                return passed + len(content.drop(len(content.held)))


END_OF_HEAD = re.compile(rb"\n\r?\n")


def _headers(lines: list[str]) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and headers:
            key, value = headers.pop()
            headers.append((key, f"{value} {line.strip()}"))
            continue
        key, colon, value = line.partition(":")
        if colon:
            headers.append((key.strip(), value.strip()))
    return tuple(headers)


def _length(headers: tuple[tuple[str, str], ...]) -> int | None:
    # Two equal ones are one; of two different ones neither can be believed.
    lengths = {value for key, value in headers if key.lower() == "content-length"}
    length = lengths.pop() if len(lengths) == 1 else ""
    return int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else None


def _arc_headers(line: "re.Match[bytes]") -> tuple[tuple[str, str], ...]:
    """An ARC record's line as the headers of a WARC record."""
    url = line["url"].decode("utf-8", "replace")
    of_file = url.startswith("filedesc:")
    return (
        ("WARC-Type", "warcinfo" if of_file else "response"),
        ("WARC-Filename" if of_file else "WARC-Target-URI", url.removeprefix("filedesc://")),
        ("WARC-Date", line["date"].decode()),
        ("WARC-IP-Address", line["ip"].decode()),
        ("Content-Type", "text/plain" if of_file else "application/http;msgtype=response"),
        ("Content-Length", line["length"].decode()),
    )
