"""Give every capture in the archive that has no row its row: the database is older, or was lost.

    our own sealed files --answers without a row, in the order of their capture--> Adopter --> rows

A file that a killed run left open is recovered first. No request is sent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from ingest.archive.archive_file import ArchiveFile, file_in
from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import read_page
from ingest.archive.external.revisits import Repeated
from ingest.archive.recovery import left_open
from ingest.archive.redaction import superseded
from ingest.archive.spool import upload_sealed
from ingest.archive.unindexed import Known, own_files, unindexed
from ingest.archive.warc.http_message import Answer
from ingest.errors import ArchiveDamaged
from ingest.jobs.run import running
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.recover import Adopter, Recovery, held_answer
from ingest.pipeline.workspace import Workspace
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.outcome import ArchiveReading
from ingest.store import Store
from parsers.source import Source

COMMAND = "archive adopt"


@dataclass(slots=True, kw_only=True)
class Adoption(ArchiveReading):
    """The counts of one source; ``known`` have a row already, of another place."""

    adopted: int = 0
    known: int = 0
    recovery: Recovery = field(default_factory=Recovery)

    def counts(self) -> dict[str, int]:
        """The counts, as the run's row and ``--json`` have them."""
        return {
            "adopted": self.adopted + self.recovery.adopted,
            "unread": self.unread,
            "known": self.known,
            "bytes_cut": self.recovery.cut,
            "damaged": len(self.damaged),
        }


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Waiting:
    """An answer without a row; by this order, that of the captures, it is adopted."""

    date: str
    """Its WARC-Date: we write all of them alike, to the microsecond in UTC."""
    file: str
    offset: int


def adopt_unindexed(source: Source, workspace: Workspace) -> Adoption:
    """Give every answer in our own files of the source its row; under the lock that the caller holds.

    Where there is nothing to do there is no run.

    Raises:
        StoreUnusable: the database or the archive cannot be used.
    """
    adoption, folder = Adoption(source=source.name), workspace.settings.archive
    search = _Search(source.name, folder, workspace.store, adoption)
    # A run of nothing would only fill the list of runs.
    if not left_open(folder, source.name) and not search.waiting():
        return adoption
    with running(COMMAND, source, workspace) as run, Worker() as worker:
        run.report = adoption
        _adopt(Adopter(run, worker), search)
    return adoption


def adopt_each(wanted: Iterable[Source], workspace: Workspace) -> Iterator[Adoption]:
    """Do the same for several sources, each under its lock; skip one that has no file. Raises Busy."""
    folder = workspace.settings.archive
    for source in wanted:
        if own_files(folder, source.name) or left_open(folder, source.name):
            with workspace.store.lock(source.name):
                yield adopt_unindexed(source, workspace)
    upload_sealed(folder)


def _adopt(adopter: Adopter, search: "_Search") -> None:
    adoption, store = search.adoption, search.store
    adoption.recovery = adopter.recover()
    for waiting in search.waiting():
        page = search.page(waiting)
        if page is None:
            continue
        # It may have a row that names another file.
        if store.captures.has(
            search.source, page.requested_url, page.captured_at, sha256(page.body).hexdigest()
        ):
            adoption.known += 1
        elif adopter.adopt(page.as_capture(), adopter.written(page.file, page), url=page.requested_url):
            adoption.adopted += 1
        else:
            adoption.unread += 1


@dataclass(frozen=True, slots=True)
class _Search:
    """The answers without a row in the files of a source; damage in them is added to ``adoption``."""

    source: str
    folder: ArchiveFolder
    store: Store
    adoption: Adoption

    def waiting(self) -> list[_Waiting]:
        """All answers without a row: every capture, if the database was lost, at some hundred bytes each."""
        # Called twice: what is damaged is named once.
        self.adoption.damaged.clear()
        old = superseded(
            self.folder, lambda name: next(self.store.captures.offsets_in(name), None) is not None
        )
        found: list[_Waiting] = []
        for path in own_files(self.folder, self.source):
            if path.name not in old:
                found += self._in_file(path)
        return sorted(found)

    def page(self, waiting: _Waiting) -> ExternalPage | None:
        """The answer, read; None if it cannot be."""
        try:
            return read_page(file_in(self.folder, waiting.file), waiting.offset, find_original=self._held)
        except ArchiveDamaged as error:
            self._add_damage(error)
            return None

    def _in_file(self, path: ArchiveFile) -> Iterator[_Waiting]:
        rows = (one.row for one in self.store.captures.by_place(file=path.name))
        known = (Known(offset=row.warc_offset, length=row.warc_length) for row in rows)
        for record in unindexed(path, known, damaged=self._add_damage):
            date = record.header("WARC-Date") or ""
            yield _Waiting(date=date, file=path.name, offset=record.offset)

    def _held(self, repeated: Repeated) -> Answer | None:
        return held_answer(self.store, self.source, self.folder, repeated)

    def _add_damage(self, error: ArchiveDamaged) -> None:
        self.adoption.damaged.append(str(error))
