"""Reads a day as plain rows, for a page that most likely changes nothing."""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, literal, select, union_all

from ingest.decide.changes.content import ARTICLE_FIELDS, COMMENT_FIELDS
from ingest.decide.changes.plain_day import PlainArticle, PlainDay, PlainRow
from ingest.store.articles.places import STANDS
from ingest.store.database.parameters import DAY, SOURCE
from ingest.store.database.schema import articles, comments, places, suppressed

SEEN = ("capture_id", "first_seen_at", "last_seen_at", "vanished_at")


def plain_day(connection: Connection, source: str, day: date) -> PlainDay | None:
    """The day's articles by id, with their comments.

    None if the day is not plain: it lists an article of another place, something of it was taken down, or a
    comment has no id.
    """
    of_day = {"source": source, "day": day}
    if connection.execute(_unusual(), of_day).first() is not None:
        return None
    threads: dict[int, dict[str, PlainRow]] = {}
    found: dict[str, PlainArticle] = {}
    for row_id, external_id, views, claimed, claimed_at, *row in connection.execute(_articles(), of_day):
        threads[row_id] = {}
        found[external_id] = PlainArticle(_plain(row), views, claimed, claimed_at, threads[row_id])
    for article_id, external_id, *row in connection.execute(_comments(), of_day):
        if external_id is None:
            return None
        threads[article_id][external_id] = _plain(row)
    return found


def _plain(row: list[Any]) -> PlainRow:
    return PlainRow(row[0], row[1], row[2], row[3], tuple(row[4:]))


@cache
def _articles() -> Select[Any]:
    of_itself = ("id", "external_id", "views", "claimed_comments", "claimed_at")
    columns = (articles.c[name] for name in (*of_itself, *SEEN, *ARTICLE_FIELDS))
    return select(*columns).where(articles.c.source == SOURCE, articles.c.date == DAY)


@cache
def _comments() -> Select[Any]:
    columns = (comments.c[name] for name in ("article_id", "external_id", *SEEN, *COMMENT_FIELDS))
    return select(*columns).where(comments.c.article_id.in_(_ids_at_home()))


@cache
def _unusual() -> CompoundSelect[Any]:
    """A row if one of the day's articles is listed elsewhere, is of elsewhere, or was taken down in part."""
    some = literal(1)
    listed_here = select(some).where(places.c.source == SOURCE, places.c.day == DAY, STANDS)
    listed_elsewhere = select(some).where(places.c.article_id.in_(_ids_at_home()), STANDS)
    ids = select(articles.c.external_id).where(articles.c.source == SOURCE, articles.c.date == DAY)
    taken_down = select(some).where(suppressed.c.source == SOURCE, suppressed.c.article_external_id.in_(ids))
    return union_all(listed_here, listed_elsewhere, taken_down).limit(1)


def _ids_at_home() -> Select[tuple[int]]:
    return select(articles.c.id).where(articles.c.source == SOURCE, articles.c.date == DAY)
