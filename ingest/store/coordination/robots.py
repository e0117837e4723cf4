"""The last robots.txt of each origin that gave one, for every process that asks it."""

from sqlalchemy import Engine, select

from ingest.records.robots import RobotsAnswer
from ingest.store.database.engine import reading
from ingest.store.database.retrying import transacted
from ingest.store.database.schema import robots
from ingest.store.database.upsert import insert_into


class Robots:
    """The answers by origin, such as ``https://host:443``; ``Store.robots`` is one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self, origin: str) -> RobotsAnswer | None:
        """The origin's last answer, however old it is."""
        with reading(self._engine) as connection:
            row = connection.execute(select(robots).where(robots.c.origin == origin)).first()
        return RobotsAnswer(status=row.status, body=row.body, asked_at=row.asked_at) if row else None

    def keep(self, origin: str, answer: RobotsAnswer) -> None:
        """Takes the place of the answer before."""
        values = {"status": answer.status, "body": answer.body, "asked_at": answer.asked_at}
        transacted(
            self._engine,
            lambda connection: connection.execute(
                insert_into(connection, robots)
                .values(origin=origin, **values)
                .on_conflict_do_update(index_elements=["origin"], set_=values)
            ),
        )
