"""Takedowns: words out of the database for good, and the captures that hold them out of the archive.

forget: lock --captures without a row get one --search the archive--> captures that name it
             --a line beside the archive--one transaction--> rows emptied --> scrubbed
redact: lock --file by file--> its next revision --one transaction--> index --> the old file is removed
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain

from ingest.archive import place_of
from ingest.archive.redaction import left_by_a_kill, next_name, remove, require_sealed, rewrite
from ingest.archive.suppressed import append_suppressed, read_suppressed
from ingest.errors import ConfigurationError, StoreUnusable
from ingest.jobs.adoption import Adoption, adopt_unindexed
from ingest.jobs.takedown.mentions import Mentions, search
from ingest.pipeline.takedowns import agree_on_takedowns
from ingest.pipeline.workspace import Workspace
from ingest.records.archive_folder import local
from ingest.records.pages import StoredCapture
from ingest.records.takedown import TakedownTarget, TakenDown
from ingest.store import Store
from ingest.store.takedown.suppression import ErasedCounts, Suppressed
from parsers.errors import SourceUnknown
from parsers.registry import source_named

Progress = Callable[[int, int], None]

REDACT = "archive redact"
IN_STORE = "copy the bucket into a folder and redact there"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakedownReport:
    """The result of a takedown. ``captures`` still hold the words, ``unread`` may.

    ``unscrubbed`` is why the database's files may, too; ``damaged`` are places of the archive that may.
    """

    what: TakedownTarget
    emptied: ErasedCounts
    captures: tuple[int, ...]
    unread: tuple[int, ...]
    unscrubbed: str | None
    adopted: int = 0
    damaged: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if the database's files may still hold words, or something could not be searched."""
        return 1 if self.unread or self.damaged or self.unscrubbed is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What was, or with a rehearsal would be, redacted. ``removed`` are files that a killed run left."""

    captures: tuple[int, ...]
    already: tuple[int, ...]
    files: tuple[str, ...]
    removed: tuple[str, ...]
    unread: tuple[int, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if something could not be searched."""
        return 1 if self.unread or self.damaged else 0


def forget(what: TakedownTarget, workspace: Workspace, *, reason: str, progress: Progress) -> TakedownReport:
    """Take an article or a comment down, whether it is held or not; again does no harm.

    Raises:
        Busy: a run holds the source: it could write what it has in memory.
    """
    store = workspace.store
    with store.lock(what.source):
        # First: a capture without a row would be found by no search.
        adoption = _recovered(what.source, workspace)
        now, thread = workspace.clock.now(), _thread(store, what)
        takedown = Suppressed(what=what, reason=reason, suppressed_at=now, thread=thread)
        mentions = _searched(workspace, (takedown,), progress)
        damaged = (*adoption.damaged, *_remembered(takedown, workspace))
        emptied = store.transact(
            lambda transaction: transaction.suppress(
                what.source,
                what.article,
                what.comment,
                reason=reason,
                suppressed_at=now,
                capture_ids=mentions.holding.keys(),
            )
        )
        # Behind the transaction: only what is committed leaves free pages behind.
        unscrubbed = store.scrub()
    return TakedownReport(
        what=what,
        emptied=emptied,
        captures=tuple(mentions.holding),
        unread=mentions.unread,
        unscrubbed=unscrubbed,
        adopted=adoption.counts()["adopted"],
        damaged=damaged,
    )


def _remembered(takedown: Suppressed, workspace: Workspace) -> tuple[str, ...]:
    """Write the takedown beside the archive, with any that the file lacks; why that could not be done."""
    line = TakenDown(what=takedown.what, reason=takedown.reason, suppressed_at=takedown.suppressed_at)
    try:
        agree_on_takedowns(takedown.what.source, workspace)
        kept = read_suppressed(workspace.settings.archive) or ()
        if line.what not in {one.what for one in kept}:
            append_suppressed(workspace.settings.archive, [line])
    except StoreUnusable as error:  # no reason to leave the words in the database
        return (str(error),)
    return ()


def redact(
    capture_ids: Iterable[int], reason: str, workspace: Workspace, *, rehearsal: bool = False
) -> Redaction:
    """Take the bodies of captures out of the archive, with those of all captures that share them.

    Raises:
        ConfigurationError: there is no such capture, or the archive is in a store.
        Busy: a run holds a source, or a file is not closed yet.
    """
    local(workspace.settings.archive, REDACT, IN_STORE)
    store, reasons = workspace.store, dict.fromkeys(capture_ids, reason)
    sources = {_held(store, capture_id).row.source for capture_id in reasons}
    with _locked(store, sources):
        return _Redactor(workspace, sources).run(reasons, rehearsal=rehearsal)


def redact_forgotten(workspace: Workspace, *, progress: Progress, rehearsal: bool = False) -> Redaction:
    """Redact every capture that holds something taken down, with the reason given at the takedown."""
    local(workspace.settings.archive, REDACT, IN_STORE)
    store = workspace.store
    sources = {takedown.what.source for takedown in store.takedown.suppressed()}
    with _locked(store, sources):
        recovered = [] if rehearsal else [_recovered(source, workspace) for source in sorted(sources)]
        takedowns = [one for one in store.takedown.suppressed() if one.what.source in sources]
        mentions = _searched(workspace, takedowns, progress)
        redactor = _Redactor(workspace, sources)
        done = redactor.run(mentions.holding, rehearsal=rehearsal, unread=mentions.unread)
        return replace(done, damaged=tuple(reason for adoption in recovered for reason in adoption.damaged))


def _recovered(source: str, workspace: Workspace) -> Adoption:
    """Adopt captures without a row, which no search would find: a run was stopped while it parsed them."""
    try:
        return adopt_unindexed(source_named(source), workspace)
    except SourceUnknown:  # its pack is gone: nobody can read its pages, and none is written
        return Adoption(source=source)
    except StoreUnusable as error:  # no reason to leave the words in the database
        return Adoption(source=source, damaged=[str(error)])


def _searched(workspace: Workspace, takedowns: Sequence[Suppressed], progress: Progress) -> Mentions:
    store, folder = workspace.store, workspace.settings.archive
    sources = sorted({one.what.source for one in takedowns})
    total = sum(store.captures.counted(source).captures for source in sources)
    captures = chain.from_iterable(store.captures.by_place(source) for source in sources)
    return search(captures, takedowns, folder=folder, total=total, progress=progress)


class _Redactor:
    """Works under the locks of the sources."""

    def __init__(self, workspace: Workspace, sources: Iterable[str]) -> None:
        self._store = workspace.store
        self._folder = local(workspace.settings.archive, REDACT, IN_STORE)
        self._clock = workspace.clock
        self._sources = sources

    def run(self, reasons: Mapping[int, str], *, rehearsal: bool, unread: tuple[int, ...] = ()) -> Redaction:
        shared = self._store.captures.with_their_body(reasons.keys())
        due = [stored for stored in shared if not stored.row.redacted]
        by_file: dict[str, list[StoredCapture]] = {}
        for stored in due:
            by_file.setdefault(stored.row.warc_file, []).append(stored)
        # The newest first: a revisit is never left without its original.
        names = sorted(by_file, reverse=True)
        require_sealed(self._folder, names)
        removed: tuple[str, ...] = ()
        if not rehearsal:
            removed = self._clear()
            by_body = _by_body(shared, reasons)
            for name in names:
                self._redact(name, {one.capture_id: by_body[_body(one)] for one in by_file[name]})
        return Redaction(
            captures=tuple(stored.capture_id for stored in due),
            already=tuple(stored.capture_id for stored in shared if stored.row.redacted),
            files=tuple(sorted(by_file)),
            removed=removed,
            unread=unread,
        )

    def _redact(self, name: str, reasons: Mapping[int, str]) -> None:
        captures = self._store.captures.in_file(name)
        at = {stored.capture_id: stored.row.warc_offset for stored in captures}
        moved = rewrite(
            self._folder,
            name,
            [place_of(stored.row) for stored in captures],
            {at[key]: reason for key, reason in reasons.items()},
            at=self._clock.now(),
        )
        places = {key: moved[offset] for key, offset in at.items()}
        self._store.transact(lambda transaction: transaction.captures.move(name, next_name(name), places))
        remove(self._folder, [name])

    def _clear(self) -> tuple[str, ...]:
        """What a killed run left of the sources."""
        left = (left_by_a_kill(self._folder, source, self._is_indexed) for source in self._sources)
        gone = tuple(sorted(name for names in left for name in names))
        remove(self._folder, gone)
        return gone

    def _is_indexed(self, name: str) -> bool:
        return next(self._store.captures.offsets_in(name), None) is not None


def _by_body(shared: Iterable[StoredCapture], reasons: Mapping[int, str]) -> dict[int, str]:
    """The reason by the id of the capture that has the body."""
    by_body: dict[int, str] = {}
    for stored in shared:
        if stored.capture_id in reasons:
            by_body.setdefault(_body(stored), reasons[stored.capture_id])
    return by_body


def _body(stored: StoredCapture) -> int:
    return stored.row.refers_to or stored.capture_id


def _held(store: Store, capture_id: int) -> StoredCapture:
    stored = store.captures.one(capture_id)
    if stored is None:
        raise ConfigurationError(f"no capture {capture_id} is held")
    return stored


def _thread(store: Store, what: TakedownTarget) -> frozenset[str]:
    article = store.articles.named(what.source, what.article)
    rows = article.comments if article is not None else ()
    return frozenset(one.row.external_id for one in rows if one.row.external_id is not None)


@contextmanager
def _locked(store: Store, sources: Iterable[str]) -> Iterator[None]:
    with ExitStack() as locks:
        for source in sorted(sources):
            locks.enter_context(store.lock(source))
        yield
