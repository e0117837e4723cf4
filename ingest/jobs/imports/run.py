"""Found pages from lock to report: what is not held is taken in, what is held is parsed again.

With ``diff`` every page is loaded into a transaction that is taken back, and no file is written: the row of a
page that is not held names the file where it was found.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from ingest.archive import Written, payload_sha1
from ingest.archive.external.external_page import ExternalPage
from ingest.errors import ArchiveDamaged, CouldNotRun
from ingest.jobs.imports.external_pages import Keep, copying
from ingest.jobs.reparse import Progress, Reparse, ReparseReport
from ingest.jobs.reparse.batches import Batches, Read
from ingest.jobs.reparse.selection import REHEARSAL, is_in_window
from ingest.jobs.run import locked_run
from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.parse.entry import Entry
from ingest.pipeline.parse.found_page import read_entry
from ingest.pipeline.parse.limited_process import Answered, limits_for
from ingest.pipeline.parse.pool import Pool
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.workspace import Run, Workspace
from ingest.records.outcome import RunReport
from ingest.records.pages import CaptureRow, StoredCapture
from ingest.store import Store
from parsers.errors import ThresherError
from parsers.records import unpacked

INSTANT = timedelta(microseconds=1)


def _itself(report: ReparseReport) -> RunReport:
    return report


def reparse_entries(
    wanted: Reparse,
    found: Iterable[Entry],
    workspace: Workspace,
    *,
    command: str,
    workers: int,
    progress: Progress,
    row_of: Callable[[ReparseReport], RunReport] = _itself,
) -> ReparseReport:
    """Load what the found pages of a source say; with ``diff`` only tell what that would change.

    ``found`` is in the order of the captures; ``command`` is what the run is called, and
    ``row_of`` gives what its row keeps of the report.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed.
    """
    with (
        locked_run(REHEARSAL if wanted.diff else command, wanted.source, workspace) as run,
        Worker() as worker,
        Pool(read_entry, workers, limits=limits_for(workspace.settings.archive)) as pool,
        _keeping(wanted, run) as keep,
    ):
        entries = _chosen(wanted, found, workspace.store)
        batches = Batches(wanted, run, worker)
        reads = _Arrivals(run, batches, keep).read(pool.answers(entries))
        batches.write(reads, len(entries), progress)
        report = batches.close()
        run.report = row_of(report)
        return report


class _Arrivals:
    """Gives each page its place before anything of it is written in the database."""

    def __init__(self, run: Run, batches: Batches, keep: Keep) -> None:
        self._run = run
        self._store = run.workspace.store
        self._batches = batches
        self._keep = keep

    def read(self, answers: Iterable[tuple[Entry, Answered[bytes] | ThresherError]]) -> Iterator[Read]:
        for entry, answer in answers:
            known = self._known(entry)
            # What was taken out of our archive does not come back out of somebody else's.
            if known is not None and known.redacted:
                continue
            try:
                if isinstance(answer, ArchiveDamaged | CouldNotRun):
                    raise answer
                row = known.row if known is not None else self._new_row(entry.page())
            except ArchiveDamaged as error:
                self._batches.pass_over(error, entry.path)
                continue
            said = unpacked(answer.value) if isinstance(answer, Answered) else answer
            yield Read(row=row, stored=known, said=said, path=entry.path)

    def _known(self, entry: Entry) -> StoredCapture | None:
        source, moment = entry.source, entry.captured_at
        if not _is_held(self._store, entry):
            return None
        held = self._store.captures.between(source, moment, moment + INSTANT)
        return next(one for one in held if (one.row.url, one.row.digest) == (entry.url, entry.digest))

    def _new_row(self, page: ExternalPage) -> CaptureRow:
        written, run = self._keep(page), self._run
        return index_row(page.as_capture(), written, source=run.source.name, run_id=run.run_id, url=page.url)


@contextmanager
def _keeping(wanted: Reparse, run: Run) -> Iterator[Keep]:
    if wanted.diff:
        yield _where_found
        return
    with Worker() as worker, copying(run, worker) as keep:
        yield keep


def _where_found(page: ExternalPage) -> Written:
    return Written(
        file=page.file,
        offset=page.offset,
        length=page.end - page.offset,
        record_id=page.record_id,
        payload_sha1=payload_sha1(page.answer.wire_body),
        refers_to=None,
    )


def _chosen(wanted: Reparse, found: Iterable[Entry], store: Store) -> list[Entry]:
    name = wanted.source.name
    entries = [one for one in found if one.source == name and is_in_window(one.url, wanted)]
    if wanted.only_new:
        entries = [one for one in entries if not _is_held(store, one)]
    total, number = len(entries), wanted.sample
    if number is None or number >= total:
        return entries
    # Spread over the whole, and not the first ones: layouts change with the years.
    return [entries[place * total // number] for place in range(number)]


def _is_held(store: Store, entry: Entry) -> bool:
    return store.captures.has(entry.source, entry.url, entry.captured_at, entry.digest)
