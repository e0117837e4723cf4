"""Found pages from lock to report: what is not held is taken in, what is held is parsed again.

With ``diff`` every page is loaded into a transaction that is taken back, and no file is written: the row of a
page that is not held names the file where it was found.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from ingest.archive import Written, payload_sha1
from ingest.archive.external.external_page import ExternalPage
from ingest.jobs.imports.external_pages import desk
from ingest.jobs.reparse import Progress, Reparse, ReparseReport
from ingest.jobs.reparse.batches import Batches, Read
from ingest.jobs.reparse.selection import REHEARSAL, is_in_window
from ingest.jobs.run import locked_run
from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.parse.entry import Entry
from ingest.pipeline.parse.pool import Parsed, Parsers
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.workspace import Run, Workspace
from ingest.records.pages import CaptureRow, StoredCapture

INSTANT = timedelta(microseconds=1)

Keep = Callable[[ExternalPage], Written]
"""Puts a page that is not held where it is to lie, and says where that is."""


def reparse_entries(
    wanted: Reparse,
    found: Iterable[Entry],
    workspace: Workspace,
    *,
    command: str,
    workers: int,
    progress: Progress,
) -> ReparseReport:
    """Load what the found pages of a source say; with ``diff`` only tell what that would change.

    ``found`` is in the order of the captures; ``command`` is what the run is called.

    Raises:
        Busy: another run holds the source.
        StoreUnusable: the database or the archive failed.
    """
    entries = _chosen(wanted, found)
    with (
        locked_run(REHEARSAL if wanted.diff else command, wanted.source, workspace) as run,
        Worker() as worker,
        Parsers(workers) as parsers,
        _keeping(wanted, run) as keep,
    ):
        batches = Batches(wanted, run, worker)
        reads = _Arrivals(run, batches, keep).read(parsers.read(entries))
        batches.write(reads, len(entries), progress)
        return batches.close()


class _Arrivals:
    """Gives each page its place before anything of it is written in the database."""

    def __init__(self, run: Run, batches: Batches, keep: Keep) -> None:
        self._run = run
        self._store = run.workspace.store
        self._batches = batches
        self._keep = keep

    def read(self, pages: Iterable[Parsed]) -> Iterator[Read]:
        for parsed in pages:
            known = self._known(parsed.entry)
            if known is not None and known.redacted:
                continue
            if parsed.page is None:
                self._batches.pass_over(parsed.said)
                continue
            row = known.row if known is not None else self._new_row(parsed.page)
            yield Read(row=row, stored=known, said=parsed.said)

    def _known(self, entry: Entry) -> StoredCapture | None:
        source, moment = entry.source, entry.captured_at
        if not self._store.captures.has(source, entry.url, moment, entry.digest):
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
    with Worker() as worker, desk(run, worker) as opened:
        yield lambda page: opened.copy(page, run.workspace.clock.now())


def _where_found(page: ExternalPage) -> Written:
    return Written(
        file=page.file,
        offset=page.offset,
        length=page.end - page.offset,
        record_id=page.record_id,
        payload_sha1=payload_sha1(page.answer.wire_body),
        refers_to=None,
    )


def _chosen(wanted: Reparse, found: Iterable[Entry]) -> list[Entry]:
    name = wanted.source.name
    entries = [one for one in found if one.source == name and is_in_window(one.url, wanted)]
    total, number = len(entries), wanted.sample
    if number is None or number >= total:
        return entries
    return [entries[place * total // number] for place in range(number)]
