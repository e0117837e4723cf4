"""What our own files hold: whose each file is, and the moment and place of each answer in it; none is parsed.

    folder --the last revision of each file--> OwnFile --its records--> Listed

Damage is named, and reading continues behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ingest.archive.archive_file import OPEN, ArchiveFile, files
from ingest.archive.external.dates import read_date
from ingest.archive.external.external_page import RecordCounts
from ingest.archive.external.pages import OnDamage, records_of, source_named_by
from ingest.archive.redaction import superseded
from ingest.archive.unindexed import source_of_file
from ingest.archive.warc.walk import RawRecord
from ingest.errors import ArchiveDamaged
from ingest.records.archive_folder import ArchiveFolder

ListedKind = Literal["response", "revisit", "stub"]
STUB = b"redacted: "


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFile:
    """A file that was written for ``source``; None if thresher did not write it."""

    path: ArchiveFile
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An answer, or the stub that stands for a redacted one. ``refers_to`` is the record it repeats."""

    kind: ListedKind
    captured_at: datetime
    offset: int
    length: int
    record_id: str
    refers_to: str = ""


def own_inventory(folder: ArchiveFolder) -> Iterator[OwnFile]:
    """The archive's sealed files by name, without those that a later revision has replaced."""
    # There is no index here: of two revisions the later one counts.
    old = superseded(folder, lambda _name: False)
    for path in files(folder):
        if path.name not in old and not path.name.endswith(OPEN):
            yield OwnFile(path=path, source=_source_of(path))


def listed(path: ArchiveFile, *, damaged: OnDamage) -> Iterator[Listed]:
    """The answers in a file and the stubs of redacted ones, in its order."""
    for file, _, record in records_of(path, 0, damaged, RecordCounts()):
        kind = _kind(record)
        if kind is None:
            continue
        captured_at = read_date(record.header("WARC-Date") or "")
        if captured_at is None:
            damaged(ArchiveDamaged("its WARC-Date cannot be read", file, record.offset))
            continue
        yield Listed(
            kind=kind,
            captured_at=captured_at,
            offset=record.offset,
            length=record.end - record.offset,
            record_id=record.header("WARC-Record-ID") or "",
            refers_to=record.header("WARC-Refers-To") or "",
        )


def _kind(record: RawRecord) -> ListedKind | None:
    if record.kind == "response":
        return "response"
    if record.kind == "revisit":
        return "revisit"
    is_stub = record.kind == "metadata" and (record.block or b"").startswith(STUB)
    return "stub" if is_stub else None


def _source_of(path: ArchiveFile) -> str | None:
    """The source that the file's name has, unless its first record names another."""
    named = source_of_file(path.name)
    first = next(records_of(path, 0, lambda _: None, RecordCounts()), None)
    if first is None or first[2].offset or first[2].kind != "warcinfo":
        return named
    return named if source_named_by(first[2]) in {None, named} else None
