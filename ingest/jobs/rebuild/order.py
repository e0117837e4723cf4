"""The answers of a source in the order of their captures, on disk: memory does not grow with their number.

    Listed --add, a sorted run a file--> temporary file --merge--> Wanted

What stays in memory is one entry for each response that revisits repeat.
"""

import heapq
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import count
from struct import Struct
from tempfile import TemporaryFile

from ingest.archive.inventory import Listed
from ingest.archive.warc.place import Place
from ingest.errors import StoreUnusable

# Big-endian: the bytes sort as the numbers do, the moment first.
ENTRY = Struct(">QIQQ?16s16s")
"""Microseconds, file, offset, length, whether it is to be read, keys of its record and the repeated one."""
ENTRIES_AT_ONCE = 256
EPOCH = datetime(1, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NONE = bytes(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An answer to read, in the archive's file of that name. ``original`` is where the repeated one is."""

    place: Place
    revisit: bool
    original: Place | None

    @property
    def url(self) -> str:
        """How it is named in messages."""
        return f"{self.place.file} at {self.place.offset}"


class Order:
    """Holds a temporary file until it is closed."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="thresher-")  # noqa: SIM115 - closed by close()
        self._names: list[str] = []
        self._runs: list[tuple[int, int]] = []
        self._repeated: set[bytes] = set()
        self.total = 0
        """How many answers have no row yet."""

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def add(self, file: str, answers: Iterable[Listed], known: Iterable[int]) -> None:
        """Add a file's answers; ``known`` are the offsets in it that have a row, in its order."""
        number, unread = len(self._names), _Unread(known)
        self._names.append(file)
        entries = sorted(self._entry(one, number, new=unread.is_new(one.offset)) for one in answers)
        start = os.fstat(self._file.fileno()).st_size
        try:
            self._file.write(b"".join(entries))
            self._file.flush()
        except OSError as exc:
            raise StoreUnusable(f"the list of captures cannot be written: {exc.strerror}") from exc
        self._runs.append((start, start + len(entries) * ENTRY.size))

    def __iter__(self) -> Iterator[Wanted]:
        places: dict[bytes, Place] = {}
        for entry in heapq.merge(*(self._run(start, end) for start, end in self._runs)):
            _, number, offset, length, is_new, own, other = ENTRY.unpack(entry)
            place = Place(file=self._names[number], offset=offset, length=length)
            # Only of these the place is kept: most responses are never repeated.
            if own in self._repeated:
                places[own] = place
            if is_new:
                yield Wanted(place=place, revisit=other != NONE, original=places.get(other))

    def _entry(self, one: Listed, number: int, *, new: bool) -> bytes:
        other = _key(one.refers_to) if one.kind == "revisit" else NONE
        if other != NONE:
            self._repeated.add(other)
        self.total += new
        moment = (one.captured_at - EPOCH) // MICROSECOND
        return ENTRY.pack(moment, number, one.offset, one.length, new, _key(one.record_id), other)

    def _run(self, start: int, end: int) -> Iterator[bytes]:
        piece = ENTRIES_AT_ONCE * ENTRY.size
        for at in count(start, piece):
            data = os.pread(self._file.fileno(), min(piece, end - at), at) if at < end else b""
            if not data:
                return
            yield from (data[place : place + ENTRY.size] for place in range(0, len(data), ENTRY.size))


class _Unread:
    """Tells the answers without a row from the others; both are given in the file's order."""

    def __init__(self, known: Iterable[int]) -> None:
        self._known = iter(known)
        self._next = -1

    def is_new(self, offset: int) -> bool:
        with suppress(StopIteration):
            while self._next < offset:
                self._next = next(self._known)
        return self._next != offset


def _key(record_id: str) -> bytes:
    return blake2b(record_id.encode(), digest_size=16).digest()
