"""What commands asked the fleet to do: the truth, of which the queue's jobs only say that there is some.

    add -> begin -> [get_on at the first page] -> enter, once a slice -> end

A job that is lost costs nothing: whoever looks finds the order open, and queues it again.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, insert, select, update

from ingest.records.orders import NewOrder, Order
from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import orders


class Orders:
    """Adds, reads and ends orders; ``Store.orders`` is one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, wanted: NewOrder, parts: Sequence[NewOrder] = (), *, now: datetime) -> Order:
        """The order, with its parts; one that is open and wants the same is returned instead."""

        def add(connection: Connection) -> int:
            same = [orders.c[name] == value for name, value in _wish(wanted).items()]
            # The same wish twice is one: two commands, or one that was repeated, wait for the same work.
            open_one = connection.scalar(select(orders.c.id).where(*same, _is_open()).limit(1))
            if open_one is not None:
                return int(open_one)
            order_id = _inserted(connection, wanted, None, now)
            for part in parts:
                _inserted(connection, part, order_id, now)
            return order_id

        return self.get(transacted(self._engine, add))

    def get(self, order_id: int) -> Order:
        """The order of that id; AssertionError if there is none."""
        found = self._where(orders.c.id == order_id)
        if not found:
            raise AssertionError(f"there is no order {order_id}")
        return found[0]

    def parts(self, order_id: int) -> tuple[Order, ...]:
        """The parts of an order, in the order in which they are worked on."""
        return self._where(orders.c.parent_id == order_id)

    def open(self, *, lock: str | None = None) -> tuple[Order, ...]:
        """The orders that are not ended, oldest first; of one lock if it is named."""
        return self._where(_is_open(), *([] if lock is None else [orders.c.lock == lock]))

    def failed_since(self, moment: datetime) -> tuple[Order, ...]:
        """Those that ended since then with another exit code than 0."""
        return self._where(orders.c.ended_at >= moment, orders.c.exit_code != 0)

    def begin(self, order_id: int, *, now: datetime) -> Order:
        """Counts one more try."""
        row = {"tries": orders.c.tries + 1}
        first = update(orders).where(orders.c.id == order_id, orders.c.begun_at.is_(None))
        this = update(orders).where(orders.c.id == order_id)

        def begin(connection: Connection) -> None:
            connection.execute(this.values(row))
            connection.execute(first.values(begun_at=now))

        transacted(self._engine, begin)
        return self.get(order_id)

    def get_on(self, order_id: int, cursor: str | None = None) -> None:
        """Enters that this try gets on, and how far: the next one is a first one again."""
        self._set(order_id, {"tries": 0} | ({} if cursor is None else {"cursor": cursor}))

    def wait(self, order_id: int, why: str) -> None:
        """Enters why the order is not worked on now."""
        self._set(order_id, {"error": why})

    def enter(self, order_id: int, *, run_id: int, counts: Mapping[str, int], exit_code: int) -> None:
        """Enters a slice that ended, and what all of them count by now."""
        found = {"run_id": run_id, "counts": json.dumps(dict(counts)), "exit_code": exit_code, "tries": 0}
        self._set(order_id, {**found, "error": None})

    def end(self, order_id: int, *, exit_code: int, now: datetime, error: str | None = None) -> None:
        """Ends the order, if it is open."""
        self._set(order_id, {"state": "ended", "ended_at": now, "exit_code": exit_code, "error": error})

    def _set(self, order_id: int, values: Mapping[str, Any]) -> None:
        this = update(orders).where(orders.c.id == order_id, _is_open()).values(**values)
        transacted(self._engine, lambda connection: connection.execute(this))

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[Order, ...]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(orders).where(*conditions).order_by(orders.c.id))
            return tuple(_order(row) for row in rows)


def _is_open() -> ColumnElement[bool]:
    return orders.c.state == "open"


def _inserted(connection: Connection, wanted: NewOrder, parent_id: int | None, now: datetime) -> int:
    values = {"state": "open", "tries": 0, "created_at": now, "counts": "{}", "parent_id": parent_id}
    entry = insert(orders).values({**_wish(wanted), **values}).returning(orders.c.id)
    return int(connection.execute(entry).scalar_one())


def _wish(wanted: NewOrder) -> dict[str, str]:
    return {
        "queue": wanted.queue,
        "lock": wanted.lock,
        "command": wanted.command,
        "source": wanted.source,
        "options": json.dumps(dict(wanted.options), sort_keys=True),
    }


def _order(row: Row[Any]) -> Order:
    return Order(
        order_id=row.id,
        parent_id=row.parent_id,
        queue=row.queue,
        lock=row.lock,
        command=row.command,
        source=row.source,
        options=json.loads(row.options),
        state=row.state,
        tries=row.tries,
        created_at=row.created_at,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        run_id=row.run_id,
        counts=json.loads(row.counts),
        cursor=row.cursor,
        exit_code=row.exit_code,
        error=row.error,
    )
