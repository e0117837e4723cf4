"""The ledger of lists: one row a thread, and one for each day's listing of threads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from ingest.decide.completeness.lists import from_json, to_json
from ingest.records.lists import ListKind, ThreadState
from ingest.store.articles.counts import thread_size
from ingest.store.database.engine import Connected
from ingest.store.database.parameters import DAY, IDS, SOURCE
from ingest.store.database.schema import pages
from ingest.store.database.upsert import in_parts
from ingest.store.ledger.pages import in_window
from schedules.recrawl import SETTLED

FIELDS = tuple(field.name for field in fields(ThreadState))
OF_THREAD = ("source", "kind", "thread")
OF_LISTING = (*OF_THREAD, "day", "section")
KINDS = ("comments", "listing", "latest")
ORDER = (pages.c.source, pages.c.day, pages.c.section, pages.c.id)


class Threads:
    """The ledger of lists as of now; ``Store.threads`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def of_window(
        self, source: str | None, since: date | None = None, until: date | None = None
    ) -> tuple[ThreadState, ...]:
        """The rows of a window, both days included, by source, day and thread."""
        wanted = select(pages).where(pages.c.kind.in_(KINDS), *in_window(source, since, until))
        with self._connected() as connection:
            return tuple(map(_state, connection.execute(wanted.order_by(*ORDER))))

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
            rows = self._rows(_named(), {"source": source, "ids": some})
            found |= {row.thread: row for row in rows}
        return found

    def of_day(
        self, source: str, day: date, section: int
    ) -> tuple[ThreadState | None, tuple[ThreadState, ...]]:
        """The row of a day's listing, and the rows of its threads."""
        rows = self._rows(_of_day(), {"source": source, "day": day, "section": section})
        listing = next((row for row in rows if row.kind == "listing"), None)
        return listing, tuple(row for row in rows if row.kind == "comments")

    def current(self, state: ThreadState) -> ThreadState | None:
        """The row of the same list as it is now."""
        return next(iter(self._rows(_current(state.kind), _key(state))), None)

    def put(self, state: ThreadState) -> None:
        """Writes a row, new or not; a thread has one, wherever its article stands."""
        values = _values(state)
        # Not an upsert: a thread that moved to another day has a row under another key.
        changed = self._connection.execute(_update(state.kind), values | _key(state))
        if not changed.rowcount:
            self._connection.execute(_insert(), values)

    def drop(self, rows: Iterable[ThreadState]) -> None:
        """Deletes the rows of threads that no listing names any more."""
        for row in rows:
            self._connection.execute(_delete(row.kind), _key(row))

    def held(self, source: str, thread: str) -> int:
        """How many live comments of the thread are held; those that were taken down count."""
        return thread_size(self._connection, source, thread)

    def _rows(self, statement: Select[Any], values: Mapping[str, Any]) -> tuple[ThreadState, ...]:
        return tuple(map(_state, self._connection.execute(statement, values)))


@cache
def _named() -> Select[Any]:
    threads = (pages.c.source == SOURCE, pages.c.kind == "comments", pages.c.thread.in_(IDS))
    return select(pages).where(*threads).order_by(*ORDER)


@cache
def _of_day() -> Select[Any]:
    here = (pages.c.source == SOURCE, pages.c.day == DAY, pages.c.section == bindparam("section"))
    return select(pages).where(*here, pages.c.kind.in_(("listing", "comments"))).order_by(*ORDER)


@cache
def _current(kind: ListKind) -> Select[Any]:
    return select(pages).where(_same(kind)).order_by(*ORDER)


@cache
def _update(kind: ListKind) -> Update:
    return update(pages).where(_same(kind))


@cache
def _insert() -> Insert:
    return insert(pages)


@cache
def _delete(kind: ListKind) -> Delete:
    return delete(pages).where(_same(kind))


def _same(kind: ListKind) -> ColumnElement[bool]:
    """The row with the ``_key``: of a thread, wherever its article stands."""
    names = OF_THREAD if kind == "comments" else OF_LISTING
    return and_(*(pages.c[name] == bindparam(f"of_{name}") for name in names))


def _key(state: ThreadState) -> dict[str, Any]:
    names = OF_THREAD if state.kind == "comments" else OF_LISTING
    return {f"of_{name}": getattr(state, name) for name in names}


def _values(state: ThreadState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in FIELDS} | {"visit": to_json(state.visit)}


def _state(row: Row[Any]) -> ThreadState:
    values = {name: row._mapping[name] for name in FIELDS}
    return ThreadState(**values | {"visit": from_json(row.visit)})
