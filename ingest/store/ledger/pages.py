"""The ledger of days: one row a source, day and section. Its rows of threads are in ``threads``."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    bindparam,
    case,
    func,
    select,
    update,
)

from ingest.records.pages import DayKnown, Emptying, PageState
from ingest.store.articles.counts import known_articles, suppressed_articles
from ingest.store.database.engine import Connected, Redact
from ingest.store.database.parameters import DAY, SOURCE
from ingest.store.database.schema import pages
from ingest.store.database.upsert import insert_into, insert_of
from ingest.store.ledger.proven_days import OF_DAYS, days_of_source, states_beside_proven
from schedules.recrawl import SETTLED, KnownDay

KEY = ("source", "day", "section")
UNIQUE = (*KEY, "kind", "thread", "page")
FIELDS = tuple(field.name for field in fields(PageState))
REMEMBERED = frozenset({"capture_id", "visited_at", "changed_at", "full_at"})
OF_LEASE = ("lease_owner", "lease_until", "leased_from")


class Ledger:
    """The ledger as of now; ``Store.ledger`` is one."""

    def __init__(self, connected: Connected) -> None:
        self._connected = connected

    def coverage(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> tuple[PageState, ...]:
        """The ledger of a window, both days included, by source, day and section."""
        with self._connected() as connection:
            return _coverage(connection, source, since, until)

    def proven_days(self, source: str) -> dict[date, bool]:
        """The days of a source whose pages all hold what the site says, and whether that is anything.

        Almost all days are, and a decade has tens of thousands of pages: the database goes through them.
        """
        with self._connected() as connection:
            rows = connection.execute(days_of_source(proven=True), {"source": source})
            return {day: expected > 0 for day, expected in rows}

    def other_states(self, source: str) -> tuple[PageState, ...]:
        """The ledger of all its other days, with nothing but what the state of a day depends on."""
        with self._connected() as connection:
            rows = connection.execute(states_beside_proven(), {"source": source})
            return tuple(PageState(source=source, **row._mapping) for row in rows)

    def day_known(self, source: str, day: date) -> DayKnown:
        """What is known of a day as of now."""
        with self._connected() as connection:
            return day_known(connection, source, day)

    def known_days(self, source: str, since: date, until: date) -> tuple[KnownDay, ...]:
        """How fresh the days from ``since`` to ``until`` are, both included; unknown days are not in it."""
        days: dict[date, list[PageState]] = {}
        for page in self.coverage(source, since, until):
            days.setdefault(page.day, []).append(page)
        return tuple(_known_day(day, sections) for day, sections in days.items())


class LedgerEntries:
    """What one transaction reads and writes in the ledger; ``Transaction.ledger`` is one."""

    def __init__(self, connection: Connection, redact_quotes: Redact) -> None:
        self._connection = connection
        self._redact_quotes = redact_quotes

    def day_known(self, source: str, day: date) -> DayKnown:
        """What is known of a day as this transaction sees it, its own writing included."""
        return day_known(self._connection, source, day)

    def page(self, source: str, day: date, section: int) -> PageState | None:
        """The ledger row of one section of a day."""
        rows = rows_of_day(self._connection, source, day)
        return next((_page(row) for row in rows if row.section == section), None)

    def emptying(self, source: str, day: date, section: int | None = None) -> Emptying:
        """Since when the day, or one section of it, shows none of its articles."""
        return _emptying(self._connection, source, day, section)

    def put(self, *rows: PageState) -> None:
        """Writes ledger rows, new or not; None in the remembered columns keeps what they hold.

        A row that it leaves in another state than leased is nobody's afterwards.
        """
        if rows:
            values = [
                {**_values(row), "last_error": self._redact_quotes(row.source, row.last_error)}
                for row in rows
            ]
            self._connection.execute(_upsert(self._connection.dialect.name), values)

    def put_emptying(self, source: str, day: date, known: Emptying, section: int | None = None) -> None:
        """Writes that, on the section's ledger row, or on all of the day."""
        values = {"emptied_at": known.since, "empty_accepted_at": known.accepted_at}
        self._connection.execute(update(pages).where(*_emptied(source, day, section)).values(values))

    def enlist(self, wanted: Iterable[PageState]) -> int:
        """Adds ledger rows that are not there yet, and says how many; those that are keep their state."""
        rows = [_values(page) for page in wanted]
        if not rows:
            return 0
        statement = insert_into(self._connection, pages).on_conflict_do_nothing(index_elements=list(UNIQUE))
        # In one order: two processes that enlist the same days would otherwise wait for one another.
        rows.sort(key=lambda row: [row[name] for name in KEY])
        counted = {"preserve_rowcount": True}
        return self._connection.execute(statement, rows, execution_options=counted).rowcount


def lock_day(connection: Connection, source: str, day: date) -> list[Row[Any]]:
    """The day's ledger rows as they stand; on PostgreSQL nobody else changes them until the transaction ends.

    SQLite has one writer at a time. Whoever writes of a day comes here first: two that both lock rows
    of the ledger and articles, each in its own order, would wait for one another.
    """
    return list(connection.execute(_rows_to_lock(), {"source": source, "day": day}))


def free_day(connection: Connection, source: str, day: date) -> list[Row[Any]] | None:
    """As ``lock_day``, but nothing is waited for: None while another transaction has a row of the day."""
    if connection.dialect.name != "postgresql":
        return lock_day(connection, source, day)
    of_day = {"source": source, "day": day}
    with connection.begin_nested() as attempt:
        rows = list(connection.execute(_rows_to_lock(skip_locked=True), of_day))
        if len(rows) == len(rows_of_day(connection, source, day)):
            return rows
        attempt.rollback()
    return None


def rows_of_day(connection: Connection, source: str, day: date) -> list[Row[Any]]:
    """The day's ledger rows as they were committed last; nobody waits for anybody."""
    return list(connection.execute(_rows_of_day(), {"source": source, "day": day}))


@cache
def _rows_to_lock(*, skip_locked: bool = False) -> Select[Any]:
    of_day = select(pages).where(pages.c.source == SOURCE, pages.c.day == DAY, OF_DAYS)
    return of_day.order_by(pages.c.section).with_for_update(skip_locked=skip_locked)


def _coverage(
    connection: Connection, source: str | None, since: date | None, until: date | None
) -> tuple[PageState, ...]:
    """The ledger of a window, both days included, by source, day and section."""
    wanted = select(pages).where(OF_DAYS, *in_window(source, since, until))
    return tuple(_page(row) for row in connection.execute(wanted.order_by(*(pages.c[name] for name in KEY))))


def day_known(connection: Connection, source: str, day: date) -> DayKnown:
    """Everything to compare a day's headline list with: its live articles and its ledger."""
    rows = rows_of_day(connection, source, day)
    return DayKnown(
        source=source,
        day=day,
        articles=known_articles(connection, source, day),
        pages={row.section: _page(row) for row in rows},
        suppressed=suppressed_articles(connection, source),
        emptying=Emptying(
            since=_newest(row.emptied_at for row in rows),
            accepted_at=_newest(row.empty_accepted_at for row in rows),
        ),
    )


@cache
def _rows_of_day() -> Select[Any]:
    return select(pages).where(pages.c.source == SOURCE, pages.c.day == DAY, OF_DAYS)


def _emptying(connection: Connection, source: str, day: date, section: int | None = None) -> Emptying:
    here = {"source": source, "day": day} | ({} if section is None else {"section": section})
    since, accepted_at = connection.execute(_emptying_of(section is not None), here).one()
    return Emptying(since=since, accepted_at=accepted_at)


@cache
def _emptying_of(one_section: bool) -> Select[Any]:
    moments = select(func.max(pages.c.emptied_at), func.max(pages.c.empty_accepted_at))
    of_day = moments.where(OF_DAYS, pages.c.source == SOURCE, pages.c.day == DAY)
    return of_day.where(pages.c.section == bindparam("section")) if one_section else of_day


def _emptied(source: str, day: date, section: int | None) -> list[ColumnElement[bool]]:
    of_day = [OF_DAYS, *in_window(source, day, day)]
    return of_day if section is None else [*of_day, pages.c.section == section]


def page_counts(connection: Connection) -> list[Row[Any]]:
    """Rows of (source, state, number of pages) of days, without those of threads."""
    return _counts(connection, OF_DAYS)


def thread_counts(connection: Connection) -> list[Row[Any]]:
    """Rows of (source, state, number of threads), where threads have pages of their own."""
    return _counts(connection, pages.c.kind == "comments")


def _counts(connection: Connection, which: ColumnElement[bool]) -> list[Row[Any]]:
    groups = (pages.c.source, pages.c.state)
    counted = select(*groups, func.count().label("number")).where(which)
    return list(connection.execute(counted.group_by(*groups)))


@cache
def _upsert(dialect: str) -> Insert:
    insert = insert_of(dialect, pages)
    replaced = {name: _replacement(insert.excluded, name) for name in FIELDS if name not in KEY}
    # A row that a page has settled is nobody's: its lease must not be taken for one at work.
    still = insert.excluded.state == "leased"
    replaced |= {name: case((still, pages.c[name]), else_=None) for name in OF_LEASE}
    return insert.on_conflict_do_update(index_elements=list(UNIQUE), set_=replaced)


def _known_day(day: date, sections: list[PageState]) -> KnownDay:
    visited_at = _newest(page.visited_at for page in sections)
    full = [page.full_at for page in sections]
    rests = [page.not_before for page in sections if page.state not in SETTLED]
    if visited_at is None:
        # Without a first page the others are not fetched: they wait as it does.
        rests = [moment for moment in rests if moment is not None]
    return KnownDay(
        day=day,
        visited_at=visited_at,
        changed_at=_newest(page.changed_at for page in sections),
        full_at=_earliest(full),
        not_before=_earliest(rests),
        states={page.section: page.state for page in sections},
    )


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    known = list(moments)
    return None if None in known else min((moment for moment in known if moment is not None), default=None)


def _newest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _replacement(excluded: Any, name: str) -> Any:
    # None says nothing: a row that only counts must not forget when it was visited.
    return func.coalesce(excluded[name], pages.c[name]) if name in REMEMBERED else excluded[name]


def in_window(source: str | None, since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """The rows of a source and of its days from ``since`` to ``until``; None limits nothing."""
    conditions: list[ColumnElement[bool]] = []
    if source is not None:
        conditions.append(pages.c.source == source)
    if since is not None:
        conditions.append(pages.c.day >= since)
    if until is not None:
        conditions.append(pages.c.day <= until)
    return conditions


def _values(page: PageState) -> dict[str, Any]:
    return {name: getattr(page, name) for name in FIELDS}


def _page(row: Row[Any]) -> PageState:
    return PageState(**{name: row._mapping[name] for name in FIELDS})
