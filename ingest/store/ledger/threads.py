"""The ledger of lists: one row a thread, and one for each day's listing of threads."""

from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from ingest.decide.completeness.lists import from_json, to_json
from ingest.records.lists import ListKind, ThreadState
from ingest.store.articles.counts import thread_size
from ingest.store.database.engine import Connected
from ingest.store.database.schema import pages
from ingest.store.database.upsert import in_parts
from ingest.store.ledger.pages import in_window
from schedules.recrawl import SETTLED

FIELDS = tuple(field.name for field in fields(ThreadState))
KINDS = ("comments", "listing", "latest")


class Threads:
    """The ledger of lists as of now; ``Store.threads`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def of_window(
        self, source: str | None, since: date | None = None, until: date | None = None
    ) -> tuple[ThreadState, ...]:
        """The rows of a window, both days included, by source, day and thread."""
        with self._connected() as connection:
            return _rows(connection, pages.c.kind.in_(KINDS), *in_window(source, since, until))

    def newest(self, source: str, kind: ListKind, thread: str, section: int) -> ThreadState | None:
        """The list of that kind, name and section that was settled last."""
        settled = pages.c.state.in_(sorted(SETTLED))
        of_kind = (pages.c.kind == kind) & (pages.c.thread == thread) & (pages.c.section == section)
        wanted = select(pages).where(pages.c.source == source, of_kind, settled)
        with self._connected() as connection:
            row = connection.execute(wanted.order_by(pages.c.visited_at.desc()).limit(1)).first()
            return _state(row) if row is not None else None


class ThreadEntries:
    """What one transaction reads and writes of lists; ``Transaction.threads`` is one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def thread(self, source: str, thread: str) -> ThreadState | None:
        """The row of a thread."""
        return self.known(source, (thread,)).get(thread)

    def known(self, source: str, threads: Collection[str]) -> dict[str, ThreadState]:
        """The rows of these threads, by id."""
        found: dict[str, ThreadState] = {}
        for some in in_parts(sorted(threads)):
            of_source = (pages.c.source == source, pages.c.kind == "comments", pages.c.thread.in_(some))
            found |= {row.thread: row for row in _rows(self._connection, *of_source)}
        return found

    def of_day(self, source: str, day: date, section: int) -> tuple[ThreadState, ...]:
        """The rows of a day's threads."""
        here = (pages.c.source == source, pages.c.day == day, pages.c.section == section)
        return _rows(self._connection, *here, pages.c.kind == "comments")

    def listing(self, source: str, kind: ListKind, day: date, section: int) -> ThreadState | None:
        """The row of a day's listing."""
        here = (pages.c.source == source, pages.c.day == day, pages.c.section == section)
        return next(iter(_rows(self._connection, *here, pages.c.kind == kind)), None)

    def current(self, state: ThreadState) -> ThreadState | None:
        """The row of the same list as it is now."""
        return next(iter(_rows(self._connection, _is(state))), None)

    def put(self, state: ThreadState) -> None:
        """Writes a row, new or not; a thread has one, wherever its article stands."""
        values = _values(state)
        changed = self._connection.execute(update(pages).where(_is(state)).values(values))
        if not changed.rowcount:
            self._connection.execute(insert(pages).values(values))

    def drop(self, rows: Iterable[ThreadState]) -> None:
        """Deletes the rows of threads that no listing names any more."""
        for row in rows:
            self._connection.execute(delete(pages).where(_is(row)))

    def held(self, source: str, thread: str) -> int:
        """How many live comments of the thread are held; those that were taken down count."""
        return thread_size(self._connection, source, thread)


def _is(state: ThreadState) -> ColumnElement[bool]:
    same = (pages.c.source == state.source) & (pages.c.kind == state.kind) & (pages.c.thread == state.thread)
    if state.kind == "comments":
        return same
    return same & (pages.c.day == state.day) & (pages.c.section == state.section)


def _rows(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[ThreadState, ...]:
    order = (pages.c.source, pages.c.day, pages.c.section, pages.c.id)
    return tuple(_state(row) for row in connection.execute(select(pages).where(*conditions).order_by(*order)))


def _values(state: ThreadState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in FIELDS} | {"visit": to_json(state.visit)}


def _state(row: Row[Any]) -> ThreadState:
    values = {name: row._mapping[name] for name in FIELDS}
    return ThreadState(**values | {"visit": from_json(row.visit)})
