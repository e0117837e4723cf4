"""The door of the database: opening it, its transactions and locks, and one part for each group of tables."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, select

from ingest.decide.changes.model import Stored
from ingest.decide.changes.plain_day import PlainDay
from ingest.errors import Busy
from ingest.records.pages import DayKnown
from ingest.records.search import Found, Query
from ingest.store.articles.authors import Authors
from ingest.store.articles.current import held_day
from ingest.store.articles.extracts import Extracts
from ingest.store.articles.history import Articles
from ingest.store.articles.plain_day import plain_day
from ingest.store.captures.kept import Captures
from ingest.store.coordination.day_leases import Leases
from ingest.store.coordination.host_slots import Turns
from ingest.store.coordination.locks import SourceLocks
from ingest.store.coordination.orders import Orders
from ingest.store.coordination.presence import Presence
from ingest.store.coordination.robots import Robots
from ingest.store.coordination.schedule_claims import Claims
from ingest.store.coordination.spending import Spending
from ingest.store.copying import backup, snapshot
from ingest.store.database import migrate
from ingest.store.database.engine import (
    connected,
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
from ingest.store.database.retrying import once_more, transacted, with_schema
from ingest.store.database.schema import metadata
from ingest.store.ledger.pages import Ledger, day_known
from ingest.store.ledger.runs import Runs
from ingest.store.ledger.threads import Threads
from ingest.store.redating import Moments
from ingest.store.search.find import find
from ingest.store.search.rebuild import OnProgress, rebuild, room
from ingest.store.takedown.scrubbing import scrub, unquoted
from ingest.store.takedown.suppression import Takedown
from ingest.store.transaction import Transaction

T = TypeVar("T")

TABLES = metadata.sorted_tables


class Store:
    """A database at this program's schema. Every method may raise StoreUnusable if the database fails.

    Each group of tables has its own part: ``articles``, ``authors``, ``captures``, ``ledger``, ``runs``,
    ``takedown``, and ``moments`` of all tables; ``extracts`` are whole tables. What several processes agree
    by has others: ``leases`` of days, ``turns`` at hosts, and ``claims`` of what is scheduled. Each names an
    owner, which ``present`` makes. ``spending`` is what a source's budget is measured by, ``robots`` what
    each origin's robots.txt said, ``orders`` what the fleet was asked to do.
    """

    def __init__(self, engine: Engine, *, reads_only: bool = False) -> None:
        self._engine = engine
        self._locks = SourceLocks(engine)
        self._presence = Presence(engine, reads_only=reads_only)
        asking = partial(reading, engine)
        self.articles = Articles(asking)
        self.authors = Authors(asking)
        self.captures = Captures(asking)
        self.extracts = Extracts(asking)
        self.ledger = Ledger(asking)
        self.moments = Moments(engine)
        self.runs = Runs(engine, unquoted)
        self.takedown = Takedown(asking)
        self.threads = Threads(asking)
        self.leases = Leases(engine, self._presence)
        self.turns = Turns(engine, self._presence)
        self.claims = Claims(engine, self._presence)
        self.spending = Spending(engine)
        self.robots = Robots(engine)
        self.orders = Orders(engine)

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True, make: bool = True) -> Self:
        """A store at ``postgresql://...``, ``sqlite:///path`` or the path of a SQLite file.

        Without ``upgrade`` a database that is not at the newest revision is refused (SchemaOutdated), and
        without ``make`` a SQLite file that is not there (DatabaseMissing).
        """
        prepare = migrate.upgrade if upgrade else migrate.require_newest
        return cls._at(open_engine(read_url(url), make=make), prepare)

    @classmethod
    def rebuild(cls, url: str) -> Self:
        """The same for `db rebuild`, which also opens what an earlier one has left unfinished."""
        return cls._at(open_engine(read_url(url)), migrate.upgrade_to_rebuild)

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
            with_schema(engine, prepare)
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

    def rebuilding(self) -> AbstractContextManager[None]:
        """No command but a rebuild opens the database until the body has ended well."""
        return migrate.rebuilding(self._engine)

    def is_empty(self) -> bool:
        """Whether no table has a row."""
        with self._reading() as connection:
            return all(connection.execute(select(table).limit(1)).first() is None for table in TABLES)

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

    def look(self, work: Callable[[Transaction], T]) -> T:
        """The result of ``work``, which only asks: nobody is kept from writing meanwhile."""
        with self._reading() as connection:
            return work(Transaction(connection))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write transaction: committed at the end, rolled back by any exception.

        Busy if a lock that this process took was lost with its session, and another run has it by now.
        """
        self._require_held()
        with writing(self._engine) as connection:
            yield Transaction(connection)

    def rehearse(self, work: Callable[[Transaction], T]) -> T:
        """The result of ``work``, whose writing is taken back; once more where PostgreSQL ends its session.

        Raises:
            StoreUnusable: as ``transact``.
        """

        def rehearsed() -> T:
            with self.rehearsal() as transaction:
                return work(transaction)

        return once_more(rehearsed, "it is rehearsed once more")

    @contextmanager
    def rehearsal(self) -> Iterator[Transaction]:
        """A write transaction that is rolled back at its end: it shows what would come of the writing."""
        with errors_named(self._engine.url), connected(writer(self._engine)) as connection:
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
    def frozen(self) -> Iterator[snapshot.Snapshot]:
        """All that is held as of one moment; no run is at work, and nobody writes meanwhile.

        Raises:
            Busy: a run holds a source, or another process writes.
        """
        with ExitStack() as held:
            for source in snapshot.sources_of(self._engine):
                held.enter_context(self.lock(source))
            yield held.enter_context(snapshot.taken(self._engine))

    def back_up(self, path: Path) -> None:
        """Makes a SQLite file of all that is held as of one moment; others go on writing meanwhile."""
        backup.back_up(self._engine, path)

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

    def held_day(self, source: str, day: date) -> tuple[Stored, DayKnown]:
        """All that is held of a day, and what is known of it, as of one moment."""
        with self._reading() as connection:
            return held_day(connection, source, day), day_known(connection, source, day)

    def search(self, query: Query) -> Found:
        """The articles and comments that match, the best first; QueryInvalid if nothing can be asked."""
        with self._reading() as connection:
            return find(connection, query)

    def plain_day(self, source: str, day: date) -> tuple[PlainDay | None, DayKnown]:
        """The same as plain rows; no rows if the day is not plain."""
        with self._reading() as connection:
            return plain_day(connection, source, day), day_known(connection, source, day)

    def room_to_reindex(self) -> int:
        """About how many bytes ``reindex`` needs while it is at work."""
        with self._reading() as connection:
            return room(connection)

    def reindex(self, on_progress: OnProgress) -> int:
        """Makes the index of words anew, wholly or not at all; how many rows are in it."""
        with writing(self._engine) as connection:
            return rebuild(connection, on_progress)

    def scrub(self) -> str | None:
        """Frees the database's files of words that its rows have lost; why not, if it cannot be done."""
        with errors_named(self._engine.url):
            return scrub(self._engine)

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine)

    def _require_held(self) -> None:
        with errors_named(self._engine.url):
            self._locks.require_held()
            self._presence.require_held()

    def _who_holds(self, source: str) -> str:
        run = self.runs.unfinished(source)
        if run is None:
            return f"another run holds {source}"
        started = run.started_at.isoformat(timespec="seconds")
        return f"another run holds {source}: {run.command}, process {run.pid} on {run.host}, since {started}"
