"""Pages out of WARC files that others made, into our own archive and store.

FILE --read--> ExternalPage --a pack knows its address--> our WARC --parse, decide, load--> rows
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from ingest.archive import ArchiveWriter, Borrowed, Written
from ingest.archive.archive_file import ArchiveFile
from ingest.archive.external.containers import require_readable, shown
from ingest.archive.external.external_page import ExternalPage, RecordCounts
from ingest.archive.external.pages import OTHERS, ExternalReader, FindOriginal
from ingest.archive.external.revisits import Repeated
from ingest.archive.warc.http_message import Answer
from ingest.errors import ArchiveDamaged
from ingest.jobs.run import locked_run
from ingest.pipeline.opening import archive_of
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.recover import Adopter, held_answer
from ingest.pipeline.workspace import Run, Workspace
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import RunOutcome
from ingest.store import Store
from parsers.errors import AddressUnknown
from parsers.pack_failures import reason_of
from parsers.registry import sources
from parsers.source import Source
from parsers.urls import host_of

log = logging.getLogger(__name__)

SKEW = timedelta(days=1)
"""How far the clock of whoever made a file may be ahead of ours."""


@dataclass(slots=True)
class FileSeen:
    """What one file holds: ``seen`` counts all its records, and why some were passed over."""

    file: str
    damaged: list[str] = field(default_factory=list)
    seen: RecordCounts = field(default_factory=RecordCounts)

    @property
    def others(self) -> int:
        """Answers from addresses that no pack knows."""
        return self.seen.passed_over[OTHERS]

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return {
            "file": self.file,
            "others": self.others,
            "damaged": self.damaged,
            "records": self.seen.records,
            "kinds": dict(sorted(self.seen.kinds.items())),
            "responses": self.seen.kinds["response"],
            "revisits": self.seen.kinds["revisit"],
            "passed_over": dict(sorted(self.seen.passed_over.items())),
            "lost_bytes": self.seen.lost_bytes,
        }


@dataclass(slots=True)
class FileImport(FileSeen):
    """The result for one file that was imported."""

    loaded: int = 0
    unread: int = 0
    known: int = 0

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        numbers = {"loaded": self.loaded, "unread": self.unread, "known": self.known}
        return {"file": self.file, **numbers, **FileSeen.as_json(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where the pages of one source are taken in; ``desk`` opens it."""

    source: Source
    writer: ArchiveWriter
    adopter: Adopter

    def copy(self, page: ExternalPage, copied_at: datetime) -> Written:
        """Put the page into our archive, saying which file it is from."""
        borrowed = Borrowed(file=page.file, copied_at=copied_at, record_id=page.record_id)
        return self.writer.copy(page.as_capture(), borrowed)


@contextmanager
def desk(run: Run, worker: Worker) -> Iterator[Desk]:
    """Ready for a source's pages, once what a killed run left is seen to. Its lock must be held."""
    adopter = Adopter(run, worker)
    adopter.recover()
    with archive_of(run) as writer:
        yield Desk(source=run.source, writer=writer, adopter=adopter)


class Importer:
    """Imports files one after the other; each source that has a page in them gets a run and a lock."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._clock = workspace.clock

    def run(self, paths: Sequence[Path]) -> list[FileImport]:
        """Import the files and return a result for each; a damaged record is reported there, not raised.

        Raises:
            ConfigurationError: a file can hold no records; nothing was imported.
            Busy, StoreUnusable: as a harvest.
        """
        for path in paths:
            require_readable(path)
        by_path: dict[ArchiveFile, FileImport] = {path: FileImport(file=shown(path)) for path in paths}
        imports = list(by_path.values())
        with Worker() as worker, ExitStack() as opened:
            desks: dict[str, Desk] = {}
            for page, source in self._pages(by_path):
                if source.name not in desks:
                    desks[source.name] = opened.enter_context(self._desk(source, worker, imports))
                self._take(desks[source.name], page, by_path[page.path])
        return imports

    def _pages(self, files: Mapping[ArchiveFile, FileImport]) -> Iterator[tuple[ExternalPage, Source]]:
        """The pages of all files, the revisits behind the responses."""

        def add_damage(path: ArchiveFile, error: ArchiveDamaged) -> None:
            files[path].damaged.append(str(error))

        held = held_by(self._store, self._workspace.settings.archive)
        reading = Reading(files, now=self._clock.now(), damaged=add_damage, find_original=held)
        for path, done in files.items():
            yield from reading.pages(path, done.seen)
        yield from reading.revisits()

    def _take(self, desk: Desk, page: ExternalPage, done: FileImport) -> None:
        digest = sha256(page.body).hexdigest()
        if self._store.captures.has(desk.source.name, page.url, page.captured_at, digest):
            done.known += 1
            return
        written = desk.copy(page, self._clock.now())
        if desk.adopter.adopt(page.as_capture(), written):
            done.loaded += 1
        else:
            done.unread += 1

    @contextmanager
    def _desk(self, source: Source, worker: Worker, imports: list[FileImport]) -> Iterator[Desk]:
        with locked_run("import", source, self._workspace) as run, desk(run, worker) as opened:
            yield opened
            run.report = _Sums(imports)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the run of an import says: of all files, whatever their source."""

    imports: list[FileImport]
    run_outcome: RunOutcome = "complete"

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        return {
            "loaded": sum(each.loaded for each in self.imports),
            "unread": sum(each.unread for each in self.imports),
            "known": sum(each.known for each in self.imports),
            "damaged": sum(len(each.damaged) for each in self.imports),
        }


class Reading:
    """The pages of some files that a source knows; ``damaged`` is called for what cannot be read."""

    def __init__(
        self,
        paths: Iterable[ArchiveFile],
        *,
        now: datetime,
        damaged: Callable[[ArchiveFile, ArchiveDamaged], None],
        find_original: FindOriginal,
    ) -> None:
        self._paths = tuple(paths)
        self._latest = now + SKEW
        self._damaged = damaged
        self._reader = ExternalReader(
            wanted=lambda url, named: source_of(url, named) is not None, find_original=find_original
        )

    def pages(self, path: ArchiveFile, seen: RecordCounts) -> Iterator[tuple[ExternalPage, Source]]:
        """Those of one file but its revisits, in its order."""
        found = self._reader.pages(path, damaged=partial(self._damaged, path), seen=seen)
        yield from self._timely(found)

    def revisits(self) -> Iterator[tuple[ExternalPage, Source]]:
        """The revisits of all files, once each was read."""
        yield from self._timely(self._reader.revisits(self._paths, damaged=self._damaged))

    def _timely(self, pages: Iterable[ExternalPage]) -> Iterator[tuple[ExternalPage, Source]]:
        """A page from the future is damaged."""
        for page in pages:
            source = source_of(page.url, page.source)
            if page.captured_at > self._latest:
                error = ArchiveDamaged("its WARC-Date lies in the future", page.file, page.offset)
                self._damaged(page.path, error)
            elif source is not None:
                yield page, source


def held_by(store: Store, folder: ArchiveFolder) -> FindOriginal:
    """What our own archive holds, for the revisits of others that repeat it."""

    def held(repeated: Repeated) -> Answer | None:
        known = source_of(repeated.url)
        # A mirror's address does not name the source.
        for source in (known,) if known is not None else sources():
            if (answer := held_answer(store, source.name, folder, repeated)) is not None:
                return answer
        return None

    return held


def source_of(url: str, named: str | None = None) -> Source | None:
    """The source that knows the address as one of its pages', if there is one.

    ``named``: a file of our own says whose pages it holds; then they may be from a mirror.
    """
    return next((source for source in sources() if _knows(source, url, named)), None)


def _knows(source: Source, url: str, named: str | None) -> bool:
    try:
        if host_of(url) not in source.hosts and source.name != named:
            return False
        source.address_of(url)
    except (AddressUnknown, ValueError):
        return False
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a pack may call sys.exit, or raise what is no Exception
        _warn_once(source.name, error)
        return False
    return True


_warned: set[str] = set()


def _warn_once(source: str, error: BaseException) -> None:
    """A bug of a pack strikes at each address of a file: it is named once a process."""
    if source not in _warned:
        _warned.add(source)
        log.warning("the pack %r fails at addresses, which are passed over: %s", source, reason_of(error))
