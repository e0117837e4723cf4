"""The door: everything the other rooms may ask of the database.

Long, for it is a list: each method opens a connection and hands it to the module that knows.
"""

import os
import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from ingest.decide.changes.model import Held
from ingest.decide.drift.fill_rates import Rates, RunRates
from ingest.errors import Busy
from ingest.records.pages import (
    CaptureRow,
    Cursor,
    DayKnown,
    KnownDay,
    Original,
    PageState,
    Quarantined,
    RunOutcome,
    RunRow,
    Shortfall,
    SourceStatus,
    StoredCapture,
    Tally,
)
from ingest.store import redating
from ingest.store.articles import counts as counting
from ingest.store.articles import current as holding
from ingest.store.articles import history as showing
from ingest.store.articles.history import StoredArticle
from ingest.store.captures import by_place, quarantine, redaction
from ingest.store.captures import index as captures
from ingest.store.captures.by_place import Counted, HeldIn
from ingest.store.coordination.day_leases import Leases
from ingest.store.coordination.host_slots import Turns
from ingest.store.coordination.locks import SourceLocks
from ingest.store.coordination.presence import Presence
from ingest.store.coordination.schedule_claims import Claims
from ingest.store.database import migrate
from ingest.store.database.engine import (
    errors_named,
    open_engine,
    open_to_read,
    read_url,
    reading,
    shown,
    sqlite_file,
    writer,
    writing,
)
from ingest.store.database.retrying import transacted
from ingest.store.ledger import fill_rates as health
from ingest.store.ledger import pages, runs
from ingest.store.redating import Ahead
from ingest.store.takedown import scrubbing as forgetting
from ingest.store.takedown import suppression
from ingest.store.takedown.suppression import Named, Suppressed
from ingest.store.transaction import Transaction

T = TypeVar("T")


class Store:
    """A database at this program's schema. Every method may raise StoreUnusable if the database fails.

    What several processes agree by has its own parts: ``leases`` of days, ``turns`` at hosts, and
    ``claims`` of what is scheduled. Each names an owner, which ``present`` makes.
    """

    def __init__(self, engine: Engine, *, reads_only: bool = False) -> None:
        self._engine = engine
        self._locks = SourceLocks(engine)
        self._presence = Presence(engine, reads_only=reads_only)
        self.leases = Leases(engine, self._presence)
        self.turns = Turns(engine, self._presence)
        self.claims = Claims(engine, self._presence)

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True, make: bool = True) -> Self:
        """A store at ``postgresql://...``, ``sqlite:///path`` or the path of a SQLite file.

        Without ``upgrade`` a database that is not at the newest revision is refused (SchemaOutdated), and
        without ``make`` a SQLite file that is not there (DatabaseMissing).
        """
        address = read_url(url)
        return cls._at(
            open_engine(address, make=make), migrate.upgrade if upgrade else migrate.require_newest
        )

    @classmethod
    def read(cls, url: str) -> Self:
        """A store that is only asked: it makes no file and no lock, and upgrades nothing.

        Raises:
            DatabaseMissing: there is no such file.
            SchemaOutdated: it is of an older thresher.
        """
        return cls._at(open_to_read(read_url(url)), migrate.require_newest, reads_only=True)

    @classmethod
    def _at(cls, engine: Engine, prepare: Callable[[Engine], None], *, reads_only: bool = False) -> Self:
        try:
            with errors_named(engine.url):
                prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, reads_only=reads_only)

    def close(self) -> None:
        """Gives back every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The database's URL without its password, as it may be shown."""
        return shown(self._engine.url)

    @property
    def url(self) -> str | None:
        """The same with its password, for a process of our own; None if no other can open it."""
        url = self._engine.url
        if url.get_backend_name() == "sqlite" and sqlite_file(url) is None:
            return None
        return url.render_as_string(hide_password=False)

    def revision(self) -> str | None:
        """The revision of the schema."""
        with errors_named(self._engine.url):
            return migrate.revision(self._engine)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """The result of ``work`` in a write transaction of its own, committed; an exception takes it back.

        Where PostgreSQL ends the session it is done once more, with the locks taken again: called twice,
        ``work`` must do the same. A commit that succeeded without an answer is not done again.

        Raises:
            Busy: as ``transaction``.
            StoreUnusable: the second session was ended too, or the database does not answer.
        """
        return transacted(
            self._engine, lambda connection: work(Transaction(connection)), before=self._require_held
        )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write transaction: committed at the end, rolled back by any exception.

        Busy if a lock that this process took was lost with its session, and another run has it by now.
        """
        self._require_held()
        with writing(self._engine) as connection:
            yield Transaction(connection)

    @contextmanager
    def rehearsal(self) -> Iterator[Transaction]:
        """A write transaction that is rolled back at its end: it shows what would come of the writing."""
        with errors_named(self._engine.url), writer(self._engine).connect() as connection:
            yield Transaction(connection)
            connection.rollback()

    @contextmanager
    def lock(self, source: str) -> Iterator[None]:
        """Holds the source for this run; Busy if another run does. A kill frees it too."""
        with ExitStack() as held:
            # Only the taking is the database's affair: what fails under the lock is its holder's.
            with errors_named(self._engine.url):
                had = held.enter_context(self._locks.taken(source))
            if not had:
                raise Busy(self._who_holds(source))
            yield

    @contextmanager
    def present(self) -> Iterator[str]:
        """The id of an owner that is at work for as long as the context, or until its process is killed."""
        with ExitStack() as held:
            with errors_named(self._engine.url):
                owner = held.enter_context(self._presence.present())
            yield owner

    def is_gone(self, owner: str) -> bool:
        """Whether that owner is at work no longer."""
        with self._reading() as connection:
            return self._presence.is_gone(connection, owner)

    def begin_run(self, command: str, source: str | None, started_at: datetime) -> int:
        """Enters a run with this program's version, host and process; its id."""
        return self._write(
            partial(
                runs.begin_run,
                command=command,
                source=source,
                started_at=started_at,
                version=version("thresher"),
                host=platform.node(),
                pid=os.getpid(),
            )
        )

    def end_run(
        self,
        run_id: int,
        ended_at: datetime,
        outcome: RunOutcome,
        counts: Mapping[str, int],
        error: str | None = None,
    ) -> None:
        """Enters how a run ended and what it counted."""

        def end(connection: Connection) -> None:
            kept = forgetting.unquoted(connection, runs.source_of(connection, run_id), error)
            runs.end_run(connection, run_id, ended_at=ended_at, outcome=outcome, counts=counts, error=kept)

        self._write(end)

    def runs(self, limit: int = 20) -> tuple[RunRow, ...]:
        """The newest runs, newest first."""
        with self._reading() as connection:
            return runs.newest_runs(connection, limit)

    def put_health(self, run_id: int, rates: Iterable[Rates]) -> None:
        """Enters how well the parsers filled their fields in a run."""
        every = tuple(rates)
        self._write(lambda connection: health.put_health(connection, run_id, every))

    def health(self, source: str | None = None, limit: int = 21) -> tuple[RunRates, ...]:
        """The same of the newest ``limit`` runs of each source and command, newest first."""
        with self._reading() as connection:
            return health.newest_health(connection, source, limit)

    def pages_read(
        self, source: str, run_ids: Collection[int], *, kind: str, parser: str, limit: int
    ) -> tuple[tuple[int, str], ...]:
        """Id and URL of the newest captures of these runs that a parser read; of all, if they have none."""
        with self._reading() as connection:
            return health.pages_read(connection, source, run_ids, kind=kind, parser=parser, limit=limit)

    def ahead(self, *, now: datetime) -> Ahead | None:
        """What was entered under a clock that was ahead of now; None if nothing was."""
        with self._reading() as connection:
            return redating.ahead(connection, now)

    def redate(
        self, *, now: datetime, run_id: int | None = None, forced: bool = False
    ) -> dict[str, int] | None:
        """Moves each moment that is later than now to just before it, in order; rows changed, by table.

        None, and nothing is changed, if all but the run ``run_id`` is far later: then the clock is behind.
        ``forced``: even then.
        """

        def work(connection: Connection) -> dict[str, int] | None:
            if not forced and redating.is_behind(connection, now, run_id):
                return None
            return redating.redate(connection, now)

        return self._write(work)

    def status(self, *, now: datetime) -> tuple[SourceStatus, ...]:
        """What is held of each source and how its runs went; a run that ended after now is no success yet."""
        with self._reading() as connection:
            return runs.status(connection, now)

    def day_known(self, source: str, day: date) -> DayKnown:
        """What is known of a day: its live articles and its ledger."""
        with self._reading() as connection:
            return pages.day_known(connection, source, day)

    def held_day(self, source: str, day: date) -> tuple[Held, DayKnown]:
        """All that is held of a day, and what is known of it, as of one moment."""
        with self._reading() as connection:
            return holding.held_day(connection, source, day), pages.day_known(connection, source, day)

    def known_days(self, source: str, since: date, until: date) -> tuple[KnownDay, ...]:
        """How fresh the days from ``since`` to ``until`` are, both included; unknown days are not in it."""
        with self._reading() as connection:
            return pages.known_days(connection, source, since, until)

    def coverage(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> tuple[PageState, ...]:
        """The ledger of a window, both days included: what was expected, what is held."""
        with self._reading() as connection:
            return pages.coverage(connection, source, since, until)

    def tallies(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> dict[tuple[str, date, int], Tally]:
        """What is held of a window, both days included, counted now: by source, day and section."""
        with self._reading() as connection:
            return counting.tallies(connection, source, since, until)

    def shortfalls(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> tuple[Shortfall, ...]:
        """The live articles of a window, both days included, that hold other than their headline said."""
        with self._reading() as connection:
            return counting.shortfalls(connection, source, since, until)

    def article(self, source: str | None, external_id: str) -> StoredArticle | None:
        """An article with its comments and all versions; ConfigurationError if a source must be named."""
        with self._reading() as connection:
            return showing.stored_article(connection, source, external_id)

    def captures(
        self, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[StoredCapture, ...]:
        """The captures from ``since`` up to, and without, ``until``, oldest first."""
        with self._reading() as connection:
            return captures.kept_captures(connection, source, since, until)

    def by_place(self, source: str | None = None, *, file: str | None = None) -> Iterator[StoredCapture]:
        """All captures, or those of a source or a file, in the order of the files; few in memory at once.

        Between them no transaction is open: what others write in the meantime may be in it or not.
        """
        after = None
        while some := self._behind(source, file, after):
            yield from some
            after = (some[-1].row.warc_file, some[-1].row.warc_offset)

    def offsets_in(self, file: str) -> Iterator[int]:
        """Where in a file the members lie that have a row, in its order; few in memory at once."""
        after = -1
        while some := self._offsets_behind(file, after):
            yield from some
            after = some[-1]

    def held_in_files(
        self, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> dict[str, HeldIn]:
        """By file, what lies in it of the captures from ``since`` up to, and without, ``until``."""
        with self._reading() as connection:
            return by_place.held_in_files(connection, source, since, until)

    def captures_counted(self, source: str | None = None) -> Counted:
        """How many captures are indexed, and how many of them are redacted."""
        with self._reading() as connection:
            return by_place.counted(connection, source)

    def capture(self, capture_id: int) -> StoredCapture | None:
        """The capture of that id, if there is one."""
        with self._reading() as connection:
            return captures.kept_capture(connection, capture_id)

    def kept_after(
        self, source: str, after: tuple[datetime, int] | None, limit: int
    ) -> tuple[StoredCapture, ...]:
        """At most ``limit`` answers of status 200 behind a moment and an id, in the order of captures."""
        with self._reading() as connection:
            return captures.kept_after(connection, source, after, limit)

    def broken_off_at(self, command: str, source: str, before: int) -> Cursor | None:
        """The cursor of the run before ``before`` if it was broken off, or None."""
        with self._reading() as connection:
            return runs.broken_off_at(connection, command, source, before)

    def quarantined(
        self, source: str | None = None, quarantine_id: int | None = None
    ) -> tuple[Quarantined, ...]:
        """The captures that could not be parsed, the first to fail first."""
        with self._reading() as connection:
            return quarantine.quarantined(connection, source, quarantine_id)

    def original(self, source: str, url: str, payload_sha1: str) -> Original | None:
        """The newest full response from this address with this payload (base32 SHA-1), if there is one."""
        with self._reading() as connection:
            return captures.original(connection, source, url, payload_sha1)

    def response(
        self, source: str, url: str, record_id: str, captured_at: datetime | None
    ) -> CaptureRow | None:
        """The full response from this address with this record id, or else of this moment."""
        with self._reading() as connection:
            return captures.response(connection, source, url, record_id, captured_at)

    def has_capture(self, source: str, url: str, captured_at: datetime, digest: str) -> bool:
        """Whether this very response is held already; ``digest`` is that of the decoded body."""
        with self._reading() as connection:
            return captures.has_capture(connection, source, url, captured_at, digest)

    def indexed_offsets(self, warc_file: str) -> frozenset[int]:
        """Where in a WARC file the members lie that have a capture row."""
        with self._reading() as connection:
            return captures.indexed_offsets(connection, warc_file)

    def captures_in(self, warc_file: str) -> tuple[StoredCapture, ...]:
        """The captures of a WARC file, in its order."""
        with self._reading() as connection:
            return redaction.captures_in(connection, warc_file)

    def with_their_body(self, capture_ids: Collection[int]) -> tuple[StoredCapture, ...]:
        """These captures and all others whose body lies in the same record."""
        with self._reading() as connection:
            return redaction.with_their_body(connection, capture_ids)

    def named(self, external_id: str) -> tuple[Named, ...]:
        """Every article and comment that has this id, held or taken down."""
        with self._reading() as connection:
            return suppression.named(connection, external_id)

    def suppressed(self, source: str | None = None) -> tuple[Suppressed, ...]:
        """What was taken down, the first first."""
        with self._reading() as connection:
            return suppression.all_suppressed(connection, source)

    def scrub(self) -> str | None:
        """Frees the database's files of words that its rows have lost; why not, if it cannot be done."""
        with errors_named(self._engine.url):
            return forgetting.scrub(self._engine)

    def _behind(
        self, source: str | None, file: str | None, after: tuple[str, int] | None
    ) -> tuple[StoredCapture, ...]:
        with self._reading() as connection:
            return by_place.behind(connection, source, file, after)

    def _offsets_behind(self, file: str, after: int) -> tuple[int, ...]:
        with self._reading() as connection:
            return by_place.offsets_behind(connection, file, after)

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine)

    def _write(self, work: Callable[[Connection], T]) -> T:
        return transacted(self._engine, work)

    def _require_held(self) -> None:
        with errors_named(self._engine.url):
            self._locks.require_held()
            self._presence.require_held()

    def _who_holds(self, source: str) -> str:
        with self._reading() as connection:
            run = runs.open_run(connection, source)
        if run is None:
            return f"another run holds {source}"
        started = run.started_at.isoformat(timespec="seconds")
        return f"another run holds {source}: {run.command}, process {run.pid} on {run.host}, since {started}"
