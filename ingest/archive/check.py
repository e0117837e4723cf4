"""Is a WARC file whole: every gzip member, every record, every digest?"""

import fcntl
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.archive.archive_file import OPEN, ArchiveFile
from ingest.archive.warc.digests import agrees
from ingest.archive.warc.http_message import payload_of
from ingest.archive.warc.walk import RawRecord, walk
from ingest.errors import ArchiveDamaged

ANSWERS = frozenset({"response", "revisit"})
"""The kinds of records that have a row in the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong in a file, by its place; ``unindexed`` is how many answers in it have no row."""

    file: str
    offset: int
    reason: str
    unindexed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of checking one file. ``written``: a live process writes to it, so it was not checked.

    ``unindexed`` is how many answers the index does not have, the first of them at ``first_unindexed``.
    """

    file: str
    size: int
    records: int
    findings: tuple[Finding, ...]
    written: bool = False
    unindexed: int = 0
    first_unindexed: int = 0


def final_name(path: ArchiveFile) -> str:
    """The name a file has, or gets when it is sealed."""
    return path.name.removesuffix(OPEN)


def check(path: ArchiveFile, indexed: Iterable[int] | None = None) -> Checked:
    """Walk the file from its beginning to its end; ``indexed`` are the places that have a row, in order."""
    path = _as_it_is_named_now(path)
    if path.name.endswith(OPEN) and is_written(path):
        return Checked(file=path.name, size=size_of(path), records=0, findings=(), written=True)
    findings: list[Finding] = []
    records = 0
    compared = _Compared(indexed)
    try:
        for record in walk(path):
            records += 1
            compared.meet(record)
            findings += _wrong(path.name, record)
    except ArchiveDamaged as error:
        # A finding has file and place of its own.
        reason = str(error).removeprefix(f"{error.file} at {error.offset}: ")
        findings.append(Finding(file=path.name, offset=error.offset, reason=reason))
    return Checked(
        file=path.name,
        size=size_of(path),
        records=records,
        findings=tuple(findings),
        unindexed=compared.unindexed,
        first_unindexed=compared.first,
    )


class _Compared:
    """Reads a file's records and its rows side by side, both in the order of their places."""

    def __init__(self, indexed: Iterable[int] | None) -> None:
        self._indexed = iter(indexed) if indexed is not None else None
        self._place = -1
        self.unindexed = 0
        self.first = 0

    def meet(self, record: RawRecord) -> None:
        """The file's next record."""
        if self._indexed is None or record.kind not in ANSWERS:
            return
        # Rows of places that no record begins at are the index's matter, not the file's.
        while self._place < record.offset:
            self._place = next(self._indexed, sys.maxsize)
        if self._place != record.offset:
            self.first = self.first if self.unindexed else record.offset
            self.unindexed += 1


def _wrong(file: str, record: RawRecord) -> Iterator[Finding]:
    if record.block is None:
        yield Finding(file=file, offset=record.offset, reason="the record is too large to be checked")
        return
    block, payload = record.header("WARC-Block-Digest"), record.header("WARC-Payload-Digest")
    if block is not None and agrees(block, record.block) is False:
        yield Finding(file=file, offset=record.offset, reason="the block's digest is wrong")
    # A revisit's payload digest is that of a body in another record.
    own = payload is not None and record.kind in {"response", "request"}
    if own and agrees(payload or "", payload_of(record.block)) is False:
        yield Finding(file=file, offset=record.offset, reason="the payload's digest is wrong")


def _as_it_is_named_now(path: ArchiveFile) -> ArchiveFile:
    """Its writer may have sealed it since the folder was listed."""
    return path if path.exists() else path.with_name(final_name(path))


def size_of(path: ArchiveFile) -> int:
    """The bytes of a file; 0 if it is gone."""
    try:
        return path.stat().st_size
    except OSError:  # the file is gone: that is a finding
        return 0


def is_written(path: ArchiveFile) -> bool:
    """Whether a live process holds the lock of a file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
