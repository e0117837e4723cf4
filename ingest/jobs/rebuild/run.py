"""A rebuild from the empty database to the report; killed, it is taken up where it ended by the same call."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from ingest.archive.archive_file import OPEN, ArchiveFile, local_folder, require_archive
from ingest.archive.check import final_name, is_written
from ingest.archive.inventory import Listed, OwnFile, listed, own_inventory
from ingest.archive.recovery import recovering
from ingest.archive.spool import upload_sealed
from ingest.archive.suppressed import read_suppressed
from ingest.archive.unindexed import source_of_file
from ingest.errors import ArchiveDamaged, ConfigurationError, CouldNotRun, StoreUnusable
from ingest.jobs.rebuild.loading import Loading, SourceRebuild
from ingest.jobs.rebuild.order import Order, Wanted
from ingest.jobs.rebuild.worker import Reading, Taken
from ingest.jobs.run import locked_run
from ingest.pipeline.parse.limited_process import Answered, limits_for
from ingest.pipeline.parse.pool import Pool
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.workspace import Run, Workspace
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.takedown import TakenDown
from ingest.store import Store
from parsers.errors import SourceUnknown, ThresherError
from parsers.registry import source_named
from parsers.source import Source

COMMAND = "db rebuild"

Progress = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class RebuildReport:
    """What became of an archive. ``others`` are files that thresher did not write, ``open`` are written to.

    ``unknown`` has, by the name of a source that is not configured, its files. ``suppressed`` is how many
    takedowns are remembered beside the archive, None if there is no such file.
    """

    resumed: bool
    suppressed: int | None
    files: int = 0
    others: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    sources: list[SourceRebuild] = field(default_factory=list)
    unscrubbed: str | None = None

    @property
    def takedowns_lost(self) -> bool:
        """Whether something was redacted, and nothing says what was taken down."""
        return self.suppressed is None and any(one.redacted for one in self.sources)

    @property
    def exit_code(self) -> int:
        """1 if anything of the archive is not in the database, or words may be that were taken down."""
        left_out = self.others or self.open or self.unknown or self.takedowns_lost or self.unscrubbed
        return 1 if left_out or any(one.exit_code for one in self.sources) else 0


def rebuild(workspace: Workspace, *, workers: int, progress: Progress) -> RebuildReport:
    """Load every answer of the archive into a database that holds nothing, or what such a call began.

    Raises:
        ConfigurationError: the database holds something else.
        Busy: another rebuild of it is at work.
        StoreUnusable: the database or the archive cannot be used, or the takedowns cannot be read.
    """
    store, folder = workspace.store, workspace.settings.archive
    require_archive(folder)
    commands = store.runs.commands()
    if commands - {COMMAND} or not (commands or store.is_empty()):
        raise ConfigurationError(
            f"{store.address} holds something already: name a new database, or one whose rebuild broke off"
        )
    takedowns = read_suppressed(folder)
    report = RebuildReport(resumed=bool(commands), suppressed=None if takedowns is None else len(takedowns))
    with store.rebuilding(), ExitStack() as opened:
        found = list(_listed_sources(workspace, report, opened))
        _load(found, workspace, report, takedowns or (), workers=workers, progress=progress)
    return report


@dataclass(slots=True, kw_only=True)
class _Found:
    """A source with its answers in order."""

    source: Source
    report: SourceRebuild
    order: Order

    def add(self, file: OwnFile, known: Iterable[int]) -> None:
        self.order.add(file.path.name, self._answers(file.path), known)

    def add_damage(self, error: ArchiveDamaged | StoreUnusable) -> None:
        self.report.damaged.append(str(error))

    def _answers(self, path: ArchiveFile) -> Iterator[Listed]:
        for one in listed(path, damaged=self.add_damage):
            if one.kind == "stub":
                self.report.redacted += 1
            else:
                yield one


def _listed_sources(workspace: Workspace, report: RebuildReport, opened: ExitStack) -> Iterator[_Found]:
    """The sources of the archive's files; each is read once."""
    folder, found = workspace.settings.archive, dict[str, _Found]()
    _seal(folder, report)
    for file in own_inventory(folder):
        report.files += 1
        if file.source is None:
            report.others.append(file.path.name)
            continue
        try:
            source = source_named(file.source)
        except SourceUnknown:
            report.unknown.setdefault(file.source, []).append(file.path.name)
            continue
        if source.name not in found:
            order = Order()
            opened.callback(order.close)
            one = SourceRebuild(source=source.name)
            found[source.name] = _Found(source=source, report=one, order=order)
            report.sources.append(one)
        found[source.name].add(file, workspace.store.captures.offsets_in(file.path.name))
    yield from found.values()


def _seal(folder: ArchiveFolder, report: RebuildReport) -> None:
    """Cut and name what killed runs left open; what is still written to is named."""
    for path in sorted(local_folder(folder).glob(f"*{OPEN}")):
        if source_of_file(final_name(path)) is None:
            continue
        if is_written(path):
            report.open.append(path.name)
            continue
        with recovering(path):
            pass
    upload_sealed(folder)


def _load(
    found: list[_Found],
    workspace: Workspace,
    report: RebuildReport,
    takedowns: Iterable[TakenDown],
    *,
    workers: int,
    progress: Progress,
) -> None:
    store, done = workspace.store, 0
    total = sum(one.order.total for one in found)

    def on_pages(number: int) -> None:
        nonlocal done
        done += number
        progress(done, total)

    for one in found:
        due = _due(takedowns, store, one.source.name)
        if one.order.total or due or store.runs.unfinished(one.source.name) is not None or not report.resumed:
            with locked_run(COMMAND, one.source, workspace, agree=False) as run:
                run.report = one.report
                _load_source(one, run, due, workers=workers, on_pages=on_pages)
    # Once, behind all rows: an index that grows with them takes far longer.
    store.reindex(lambda _done, _total: None)
    report.unscrubbed = store.scrub() if takedowns else None


def _due(takedowns: Iterable[TakenDown], store: Store, source: str) -> list[TakenDown]:
    """What was taken down of the source, and is not yet in the database."""
    held = {takedown.what for takedown in store.takedown.remembered(source)}
    return [each for each in takedowns if each.what.source == source and each.what not in held]


def _load_source(
    found: _Found, run: Run, due: list[TakenDown], *, workers: int, on_pages: Callable[[int], None]
) -> None:
    reading = Reading(run.workspace.settings.archive, found.source.name, run.run_id)
    limits = limits_for(run.workspace.settings.archive)
    with Worker() as worker, Pool(reading, workers, limits=limits) as pool:
        taken = _read(found, reading, pool)
        Loading(run, worker, found.report, due).load(taken, on_pages)


def _read(found: _Found, reading: Reading, pool: Pool[Wanted, Taken]) -> Iterator[Taken]:
    for wanted, answer in pool.answers(found.order):
        try:
            yield answer.value if isinstance(answer, Answered) else _unread(reading, wanted, answer)
        except (ArchiveDamaged, StoreUnusable) as error:
            found.add_damage(error)


def _unread(reading: Reading, wanted: Wanted, error: ThresherError) -> Taken:
    if isinstance(error, ArchiveDamaged | CouldNotRun):
        raise error
    return reading.unparsed(wanted, error)
