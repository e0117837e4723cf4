"""Answers in our own files without a row in the index: a run was stopped before it had read them.

    known places --the gaps between them--> requests and the like: passed over | answers: handed out

Only the gaps are read, so that a file of which everything is indexed costs a look at its requests.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.archive.archive_file import ArchiveFile, files
from ingest.archive.check import ANSWERS, Checked, check, size_of
from ingest.archive.external.pages import OnDamage
from ingest.archive.warc.walk import RawRecord, walk
from ingest.errors import ArchiveDamaged
from ingest.records.archive_folder import ArchiveFolder

WITHOUT_BODY = re.compile(rb"^WARC-Type: *(?:request|warcinfo|metadata)\r?$", re.MULTILINE)
# THRESHER-quay-20240501060000000-00001-04711-host.warc.gz; a source's name may have dashes.
OURS = re.compile(r"THRESHER-(?P<source>.+)-\d{17}-\d{5,}-\d{5,}-.*\.warc\.gz")
LARGEST_GAP = 1024 * 1024
"""A request or a warcinfo record is far smaller."""

Gap = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The place of an answer that has a row."""

    offset: int
    length: int


def own_files(folder: ArchiveFolder, source: str) -> tuple[ArchiveFile, ...]:
    """The sealed files that we wrote for a source."""
    return tuple(path for path in files(folder) if source_of_file(path.name) == source)


def source_of_file(name: str) -> str | None:
    """The source that a file of ours was written for; None if the name is not one of ours."""
    found = OURS.fullmatch(name)
    return found["source"] if found is not None else None


def unindexed(path: ArchiveFile, known: Iterable[Known], *, damaged: OnDamage) -> Iterator[RawRecord]:
    """The answers in the file that are at none of the known places, given in the file's order.

    ``damaged`` is called for what cannot be read; reading continues at the next known place.
    """
    for gap in _gaps(path, known):
        if _holds_no_answer(path, gap):
            continue
        try:
            yield from _answers(path, gap)
        except ArchiveDamaged as error:
            damaged(error)


def outline(path: ArchiveFile, known: Iterable[Known]) -> Checked:
    """The file with as many records as are known and as stand in the gaps between them: only these are read.

    Where the known places and the gaps do not make up the file, or none is known, it is checked as a whole.
    """
    indexed = records = end = 0

    def counted() -> Iterator[Known]:
        nonlocal indexed, end
        for place in known:
            indexed, end = indexed + 1, place.offset + place.length
            yield place

    for gap in _gaps(path, counted()):
        heads = _heads(path, gap) if indexed else None
        if heads is None:
            return check(path)
        records += len(heads)
    size = size_of(path)
    if end > size:
        return check(path)
    return Checked(file=path.name, size=size, records=records + indexed, findings=())


def _gaps(path: ArchiveFile, known: Iterable[Known]) -> Iterator[Gap]:
    start = 0
    for place in known:
        if place.offset > start:
            yield start, place.offset
        start = max(start, place.offset + place.length)
    try:
        size = path.stat().st_size
    except OSError:  # it was renamed meanwhile
        return
    if size > start:
        yield start, size


def _answers(path: ArchiveFile, gap: Gap) -> Iterator[RawRecord]:
    start, end = gap
    for record in walk(path, start=start):
        # A known place: what follows has rows.
        if record.offset >= end:
            return
        if record.kind in ANSWERS:
            yield record


def _holds_no_answer(path: ArchiveFile, gap: Gap) -> bool:
    """Whether the gap is whole gzip members of records without a body; False where that is not plain."""
    heads = _heads(path, gap)
    return heads is not None and all(WITHOUT_BODY.search(head) is not None for head in heads)


def _heads(path: ArchiveFile, gap: Gap) -> list[bytes] | None:
    """The WARC headers of the gzip members that fill the gap; None if it is large, or not whole members."""
    start, end = gap
    if end - start > LARGEST_GAP:
        return None
    heads: list[bytes] = []
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(end - start)
        while data:
            inflate = zlib.decompressobj(31)
            head = inflate.decompress(data, LARGEST_GAP)
            if not inflate.eof:
                return None
            heads.append(head.partition(b"\r\n\r\n")[0])
            data = inflate.unused_data
    except (OSError, zlib.error):
        return None
    return heads
