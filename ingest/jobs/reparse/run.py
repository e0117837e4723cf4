"""A re-parse of what the store holds, from lock to report."""

from collections.abc import Iterator

from ingest.archive.archive_file import require_archive
from ingest.jobs.reparse.batches import Batches, Progress, Read
from ingest.jobs.reparse.diff import ReparseReport
from ingest.jobs.reparse.readers import Readers
from ingest.jobs.reparse.selection import COMMAND, REHEARSAL, Reparse, spread, wanted_captures
from ingest.jobs.run import locked_run, running
from ingest.pipeline.parse.limited_process import WorkerLimits
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.workspace import Run, Workspace
from ingest.records.pages import Cursor, StoredCapture
from ingest.store import Transaction


def reparse(
    wanted: Reparse,
    workspace: Workspace,
    *,
    workers: int,
    progress: Progress,
    limits: WorkerLimits | None = None,
) -> ReparseReport:
    """Parse kept captures of a source again; with ``diff`` only tell what that would change.

    A run over everything that was broken off is taken up where it ended.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database failed, or there is no archive.
    """
    folder, store = workspace.settings.archive, workspace.store
    require_archive(folder)
    bracket = locked_run if wanted.files is None else running
    with (
        bracket(REHEARSAL if wanted.diff else COMMAND, wanted.source, workspace) as run,
        Worker(limits) as worker,
        Readers(folder, workers, database=store.url, limits=limits) as readers,
    ):
        return _Kept(wanted, run, readers, worker).through(progress)


class _Kept:
    """The captures of the store, and the place from which a later run continues."""

    def __init__(self, wanted: Reparse, run: Run, readers: Readers, worker: Worker) -> None:
        self._wanted = wanted
        self._run = run
        self._store = run.workspace.store
        self._readers = readers
        self._batches = Batches(wanted, run, worker, page_again=readers.page_again, on_batch=self._remember)
        cursor = self._place_to_resume()
        self._after = (cursor.captured_at, cursor.capture_id) if cursor is not None else None

    def through(self, progress: Progress) -> ReparseReport:
        captures, total = self._captures()
        reads = self._readers.read(captures, lambda: self._batches.commits)
        self._batches.write(reads, total, progress)
        return self._batches.close(resumed=self._after is not None)

    def _captures(self) -> tuple[Iterator[StoredCapture], int]:
        """What is to be read, and how many captures that are."""
        # Counted first, and read again: a list of millions of captures would not fit into memory.
        total = sum(1 for _ in wanted_captures(self._store, self._wanted, self._after))
        captures = wanted_captures(self._store, self._wanted, self._after)
        sample = self._wanted.sample
        if sample is None or sample >= total:
            return captures, total
        return spread(captures, total, sample), sample

    def _place_to_resume(self) -> Cursor | None:
        # By default the captures' own revisions tell what is left to do.
        if self._wanted.diff or not (self._wanted.everything or self._wanted.revision):
            return None
        cursor = self._store.runs.broken_off_at(COMMAND, self._wanted.source.name, self._run.run_id)
        return cursor if cursor is not None and cursor.scope == self._wanted.scope else None

    def _remember(self, transaction: Transaction, last: Read) -> None:
        if last.stored is None:
            return
        cursor = Cursor(
            scope=self._wanted.scope,
            captured_at=last.row.captured_at,
            capture_id=last.stored.capture_id,
        )
        report = self._batches.report(resumed=self._after is not None)
        transaction.put_report(self._run.run_id, report.as_json(), cursor)
