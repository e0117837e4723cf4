"""What each source was asked for on a day: the budget of all processes that ask it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, case, func, select, update

from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import captures, spending
from ingest.store.database.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Requests for pages and bytes of their answers."""

    pages: int
    bytes: int


class Spending:
    """The days' spending; ``Store.spending`` is one. ``since`` is when the source's day began."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, source: str, day: date, *, since: datetime) -> Spent:
        """What was spent on the day so far; what runs without a budget fetched is seen by its captures."""
        with reading(self._engine) as connection:
            return _spent(connection, source, day, since)

    def begin(self, source: str, day: date, *, since: datetime) -> None:
        """Have a row for the day that counts at least what was fetched so far."""

        def begin(connection: Connection) -> None:
            spent = _spent(connection, source, day, since)
            values: dict[str, Any] = {"pages": spent.pages, "bytes": spent.bytes}
            insert = insert_into(connection, spending).values(source=source, day=day, **values)
            # Another process may have counted more since.
            most = {
                name: case((spending.c[name] > number, spending.c[name]), else_=number)
                for name, number in values.items()
            }
            connection.execute(insert.on_conflict_do_update(index_elements=["source", "day"], set_=most))

        transacted(self._engine, begin)

    def take(
        self, source: str, day: date, *, most_pages: int | None, most_bytes: int | None
    ) -> tuple[Spent, bool]:
        """Count one more request, unless the day's budget is used up; what is spent then, and whether it was.

        The day has begun, see ``begin``.
        """
        limits = (("pages", most_pages), ("bytes", most_bytes))
        left = [spending.c[name] < most for name, most in limits if most is not None]

        def take(connection: Connection) -> tuple[Spent, bool]:
            more = update(spending).where(_of(source, day), *left).values(pages=spending.c.pages + 1)
            taken = connection.execute(more).rowcount == 1
            row = connection.execute(select(spending).where(_of(source, day))).one()
            return Spent(pages=row.pages, bytes=row.bytes), taken

        return transacted(self._engine, take)

    def add_bytes(self, source: str, day: date, number: int) -> None:
        """Enter the size of an answer."""
        more = update(spending).where(_of(source, day)).values(bytes=spending.c.bytes + number)
        transacted(self._engine, lambda connection: connection.execute(more))


def _of(source: str, day: date) -> ColumnElement[bool]:
    return (spending.c.source == source) & (spending.c.day == day)


def _spent(connection: Connection, source: str, day: date, since: datetime) -> Spent:
    kept = select(func.count(), func.coalesce(func.sum(captures.c.warc_length), 0)).where(
        captures.c.source == source, captures.c.captured_at >= since
    )
    pages, size = connection.execute(kept).one()
    row = connection.execute(select(spending).where(_of(source, day))).first()
    if row is None:
        return Spent(pages=pages, bytes=int(size))
    return Spent(pages=max(row.pages, pages), bytes=max(row.bytes, int(size)))
