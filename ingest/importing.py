"""Pages out of WARC files that others made, into our own archive and store.

FILE --foreign--> ForeignPage --a pack knows its address--> our WARC --parse, decide, load--> rows
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from ingest.adopt import Adopter, held_answer
from ingest.archive import ArchiveWriter, Borrowed, Written
from ingest.archive.foreign import Elsewhere, ForeignPage, Told, read_pages
from ingest.archive.http import Answer
from ingest.clock import Clock
from ingest.errors import ArchiveDamaged
from ingest.health import Census
from ingest.lines import about
from ingest.settings import Settings
from ingest.store import Store
from ingest.worker import Worker
from parsers.errors import AddressUnknown
from parsers.registry import sources
from parsers.source import Source
from parsers.urls import host_of

SKEW = timedelta(days=1)
"""How far the clock of whoever made a file may be ahead of ours."""


@dataclass(slots=True)
class FileImport:
    """What came of one file: ``others`` are answers from addresses that no pack knows."""

    file: str
    loaded: int = 0
    unread: int = 0
    known: int = 0
    others: int = 0
    damaged: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return {
            "file": self.file,
            "loaded": self.loaded,
            "unread": self.unread,
            "known": self.known,
            "others": self.others,
            "damaged": self.damaged,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the pages of one source are taken in; ``desk`` opens it."""

    source: Source
    writer: ArchiveWriter
    adopter: Adopter
    census: Census

    def copy(self, page: ForeignPage, copied_at: datetime) -> Written:
        """Put the page into our archive, saying which file it is from."""
        return self.writer.copy(page.as_capture(), Borrowed(file=page.file, copied_at=copied_at))


@contextmanager
def desk(
    source: Source, *, run_id: int, settings: Settings, store: Store, clock: Clock, worker: Worker
) -> Iterator[Desk]:
    """Ready for a source's pages, once what a killed run left is seen to. Its lock must be held."""
    started = clock.now()
    census = Census()
    adopter = Adopter(source=source, store=store, worker=worker, clock=clock, run_id=run_id, census=census)
    adopter.recover(settings.archive)
    said = about(source, settings)
    with ArchiveWriter(settings.archive, source=source.name, started_at=started, about=said) as writer:
        yield Desk(source=source, writer=writer, adopter=adopter, census=census)


class Importer:
    """Imports files one after the other; each source that has a page in them gets a run and a lock."""

    def __init__(self, *, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def run(self, paths: Iterable[Path]) -> list[FileImport]:
        """What came of each file. Raises Busy, StoreUnusable; damaged records are told, not raised."""
        came: list[FileImport] = []
        with Worker() as worker, ExitStack() as opened:
            desks: dict[str, Desk] = {}
            for path in paths:
                done = FileImport(file=path.name)
                came.append(done)
                for page in self._pages(path, done):
                    source = source_of(page.url)
                    if source is None:
                        done.others += 1
                        continue
                    if source.name not in desks:
                        desks[source.name] = opened.enter_context(self._desk(source, worker, came))
                    self._take(desks[source.name], page, done)
        return came

    def _pages(self, path: Path, done: FileImport) -> Iterator[ForeignPage]:
        def tell(error: ArchiveDamaged) -> None:
            done.damaged.append(str(error))

        known = held_by(self._store, self._settings.archive)
        return pages_of(path, now=self._clock.now(), damaged=tell, elsewhere=known)

    def _take(self, desk: Desk, page: ForeignPage, done: FileImport) -> None:
        digest = sha256(page.body).hexdigest()
        if self._store.has_capture(desk.source.name, page.url, page.captured_at, digest):
            done.known += 1
            return
        written = desk.copy(page, self._clock.now())
        if desk.adopter.adopt(page.as_capture(), written):
            done.loaded += 1
        else:
            done.unread += 1

    @contextmanager
    def _desk(self, source: Source, worker: Worker, came: list[FileImport]) -> Iterator[Desk]:
        store = self._store
        with store.lock(source.name):
            run_id = store.begin_run("import", source.name, self._clock.now())
            try:
                with desk(
                    source,
                    run_id=run_id,
                    settings=self._settings,
                    store=store,
                    clock=self._clock,
                    worker=worker,
                ) as opened:
                    yield opened
                store.put_health(run_id, opened.census.rates())
            except BaseException as error:
                why = str(error) or type(error).__name__
                store.end_run(run_id, self._clock.now(), "failed", {}, why)
                raise
            store.end_run(run_id, self._clock.now(), "complete", _sums(came))


def _sums(came: Iterable[FileImport]) -> dict[str, int]:
    counts = {"loaded": 0, "unread": 0, "known": 0, "damaged": 0}
    for one in came:
        counts["loaded"] += one.loaded
        counts["unread"] += one.unread
        counts["known"] += one.known
        counts["damaged"] += len(one.damaged)
    return counts


def pages_of(path: Path, *, now: datetime, damaged: Told, elsewhere: Elsewhere) -> Iterator[ForeignPage]:
    """The pages of a file that others made, see ``read_pages``; one from the future is damaged."""
    for page in read_pages(path, damaged=damaged, elsewhere=elsewhere):
        if page.captured_at > now + SKEW:
            damaged(ArchiveDamaged("its WARC-Date lies in the future", page.file, page.offset))
        else:
            yield page


def held_by(store: Store, folder: Path) -> Elsewhere:
    """What our own archive holds, for the revisits of others that repeat it."""

    def held(url: str, digest: str) -> Answer | None:
        source = source_of(url)
        return held_answer(store, source.name, folder, url, digest) if source is not None else None

    return held


def source_of(url: str) -> Source | None:
    """The source that knows the address as one of its pages', if there is one."""
    try:
        host = host_of(url)
        for source in sources():
            if host in source.hosts:
                source.address_of(url)
                return source
    except (AddressUnknown, ValueError):
        pass
    return None
