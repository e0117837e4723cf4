"""The places that list an article besides its home."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Label, Select, func, select, update

from ingest.decide.changes.model import Place, PlaceChanges
from ingest.store.database.parameters import DAY, IDS, SOURCE
from ingest.store.database.schema import articles, places
from ingest.store.database.upsert import in_parts, insert_into

KEY = ["article_id", "day", "section"]
STANDS = places.c.vanished_at.is_(None)


def put_places(connection: Connection, source: str, changes: PlaceChanges, captured_at: datetime) -> None:
    """Enters the places that a page adds, and those that are gone as such: a rebuild asks for both."""
    for article, place in changes.gone:
        here = (places.c.day == place.day) & (places.c.section == place.section)
        gone = update(places).where(places.c.article_id.in_(_id_of(source, article)), here)
        connection.execute(gone.values(vanished_at=captured_at))
    for article, place in changes.listed:
        values = {
            "source": source,
            "article_id": _id_of(source, article).scalar_subquery(),
            "day": place.day,
            "section": place.section,
            "first_seen_at": captured_at,
        }
        statement = insert_into(connection, places).values(values)
        again = {"first_seen_at": captured_at, "vanished_at": None}
        connection.execute(statement.on_conflict_do_update(index_elements=KEY, set_=again))


def elsewhere(connection: Connection, article_ids: Collection[int]) -> dict[int, Sequence[Place]]:
    """The places of the articles with these row ids, by row id, in the order of day and section."""
    found: defaultdict[int, list[Place]] = defaultdict(list)
    for some in in_parts(sorted(article_ids)):
        for row in connection.execute(_places_of(), {"ids": some}):
            found[row.article_id].append(
                Place(
                    day=row.day,
                    section=row.section,
                    section_name=row.section_name,
                    first_seen_at=row.first_seen_at,
                )
            )
    return dict(found)


@cache
def ids_elsewhere() -> Select[tuple[int]]:
    """The row ids of the articles that a day lists which is not their home, or in a second section."""
    return select(places.c.article_id).where(places.c.source == SOURCE, places.c.day == DAY, STANDS)


@cache
def _places_of() -> Select[Any]:
    wanted = select(places, _section_name()).where(places.c.article_id.in_(IDS), STANDS)
    return wanted.order_by(places.c.day, places.c.section)


def _section_name() -> Label[str | None]:
    """The section's name by the articles whose home it is: a name of its own would outlive a takedown."""
    of_day = (articles.c.source == places.c.source) & (articles.c.date == places.c.day)
    name = select(func.max(articles.c.section_name)).where(of_day, articles.c.section == places.c.section)
    return name.correlate(places).scalar_subquery().label("section_name")


def _id_of(source: str, article: str) -> Select[tuple[int]]:
    return select(articles.c.id).where(articles.c.source == source, articles.c.external_id == article)
