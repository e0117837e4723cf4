"""The articles of one day as a list for people: titles and counts, without texts."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from ingest.store.articles.places import ids_elsewhere
from ingest.store.database.parameters import DAY, SOURCE
from ingest.store.database.schema import articles, comments


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArticle:
    """An article of a day; ``claimed`` is the number of comments that its headline names, if it does."""

    external_id: str
    title: str
    section: int | None
    section_name: str | None
    claimed: int | None
    live: int
    vanished: int
    vanished_at: datetime | None


def listed_articles(connection: Connection, source: str, day: date) -> tuple[ListedArticle, ...]:
    """The articles whose home is the day, and those of other days that it lists, vanished ones included."""
    of_day = {"source": source, "day": day}
    found = [row for wanted in (_at_home(), _listed()) for row in connection.execute(wanted, of_day)]
    return tuple(ListedArticle(**row._mapping) for row in found)


@cache
def _at_home() -> Select[Any]:
    wanted = _rows().where(articles.c.source == SOURCE, articles.c.date == DAY)
    return wanted.order_by(articles.c.section, articles.c.id)


@cache
def _listed() -> Select[Any]:
    others = _rows().where(articles.c.source == SOURCE, articles.c.date != DAY)
    return others.where(articles.c.id.in_(ids_elsewhere())).order_by(articles.c.id)


def _rows() -> Select[Any]:
    held, vanished = func.count(), func.count(comments.c.vanished_at)
    names = ("external_id", "title", "section", "section_name", "vanished_at")
    return select(
        *(articles.c[name] for name in names),
        articles.c.claimed_comments.label("claimed"),
        _of_thread(held - vanished).label("live"),
        _of_thread(vanished).label("vanished"),
    )


def _of_thread(number: ColumnElement[int]) -> ColumnElement[int]:
    thread = select(number).select_from(comments).where(comments.c.article_id == articles.c.id)
    return thread.correlate(articles).scalar_subquery()
