"""Counts what is live, with what was taken down counted as the site still counts it.

An article that was taken down is left out, with all its comments, here as in what is expected. A comment
that was taken down counts as held: its emptied row does, and its id alone if it never had a row.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    select,
    union_all,
)

from ingest.records.pages import Shortfall, Tally
from ingest.store.articles.places import STANDS, ids_elsewhere
from ingest.store.database.parameters import DAY, SOURCE
from ingest.store.database.schema import articles, comments, places, suppressed
from schedules.plan import KnownArticle


def known_articles(connection: Connection, source: str, day: date) -> dict[str, KnownArticle]:
    """The live articles of a day, by id."""
    ids = _comment_ids(connection, source, day)
    known: dict[str, KnownArticle] = {}
    of_day = {"source": source, "since": day, "until": day}
    for row in connection.execute(_live_articles(tuple(of_day)), of_day).all():
        found = known.get(row.external_id)
        if found is not None:
            known[row.external_id] = replace(found, also_in=found.also_in | {row.section})
        else:
            known[row.external_id] = KnownArticle(
                external_id=row.external_id,
                section=row.section,
                comments=row.held,
                comment_ids=frozenset(ids[row.external_id]),
            )
    return known


def day_tallies(connection: Connection, source: str, day: date) -> dict[int, Tally]:
    """The live articles of a day and their comments, by section."""
    return {section: tally for (_, _, section), tally in tallies(connection, source, day, day).items()}


def tallies(
    connection: Connection, source: str | None, since: date | None, until: date | None
) -> dict[tuple[str, date, int], Tally]:
    """The live articles of a window, both days included, and their comments, by source, day and section."""
    window = _window(source, since, until)
    return {
        (row.source, row.date, row.section): Tally(articles=row.articles, comments=int(row.comments))
        for row in connection.execute(_totals(tuple(window)), window)
    }


def shortfalls(
    connection: Connection, source: str | None, since: date | None, until: date | None
) -> tuple[Shortfall, ...]:
    """The live articles whose thread is not as long as by its headline, by day."""
    window = _window(source, since, until)
    live = _live_articles(tuple(window)).subquery()
    rows = connection.execute(
        select(live).where(live.c.claimed_comments != live.c.held).order_by(live.c.date, live.c.external_id),
        window,
    )
    return tuple(
        Shortfall(
            source=row.source,
            day=row.date,
            section=row.section,
            external_id=row.external_id,
            title=row.title,
            expected_comments=row.claimed_comments,
            held_comments=row.held,
        )
        for row in rows
    )


def thread_size(connection: Connection, source: str, external_id: str) -> int:
    """The live comments of one article; 0 if it is not held."""
    return connection.scalar(_thread_of(), {"source": source, "article": external_id}) or 0


def suppressed_articles(connection: Connection, source: str) -> frozenset[str]:
    """The ids of the source's articles that were taken down as a whole."""
    return frozenset(connection.scalars(_whole_articles(), {"source": source}))


def _window(source: str | None, since: date | None, until: date | None) -> dict[str, object]:
    """What limits the rows, as the parameters of a statement; None limits nothing."""
    limits = {"source": source, "since": since, "until": until}
    return {name: value for name, value in limits.items() if value is not None}


@cache
def _live_articles(limits: tuple[str, ...]) -> CompoundSelect[Any]:
    """One row for each place that lists an article: its home first."""
    home = (articles.c.date, articles.c.section)
    other = (places.c.day.label("date"), places.c.section)
    live = _live(*home).where(*_limited(articles.c.source, home[0], limits))
    besides = _live(*other).where(
        places.c.article_id == articles.c.id, STANDS, *_limited(places.c.source, places.c.day, limits)
    )
    return union_all(live, besides)


@cache
def _totals(limits: tuple[str, ...]) -> Select[Any]:
    live = _live_articles(limits).subquery()
    place = (live.c.source, live.c.date, live.c.section)
    totals = select(*place, func.count().label("articles"), func.sum(live.c.held).label("comments"))
    return totals.where(live.c.section.is_not(None)).group_by(*place)


@cache
def _thread_of() -> Select[Any]:
    of_article = (articles.c.source == SOURCE) & (articles.c.external_id == bindparam("article"))
    return select(_thread_size()).select_from(articles).where(of_article)


@cache
def _whole_articles() -> Select[Any]:
    whole = (suppressed.c.source == SOURCE) & suppressed.c.comment_external_id.is_(None)
    return select(suppressed.c.article_external_id).where(whole)


def _live(day: ColumnElement[Any], section: ColumnElement[Any]) -> Select[Any]:
    fields = (articles.c.source, articles.c.external_id, day, section)
    taken_down = exists().where(
        suppressed.c.source == articles.c.source,
        suppressed.c.article_external_id == articles.c.external_id,
        suppressed.c.comment_external_id.is_(None),
    )
    more = (articles.c.title, articles.c.claimed_comments, _thread_size().label("held"))
    return select(*fields, *more).where(articles.c.vanished_at.is_(None), ~taken_down)


def _limited(
    of: ColumnElement[Any], day: ColumnElement[Any], limits: tuple[str, ...]
) -> list[ColumnElement[bool]]:
    conditions = {
        "source": of == SOURCE,
        "since": day >= bindparam("since"),
        "until": day <= bindparam("until"),
    }
    return [conditions[name] for name in limits]


def _thread_size() -> ColumnElement[int]:
    shown = (comments.c.article_id == articles.c.id) & comments.c.vanished_at.is_(None)
    live = select(func.count()).select_from(comments).where(shown).correlate(articles).scalar_subquery()
    unseen = select(func.count()).select_from(suppressed).where(_suppressed_without_row())
    return live + unseen.correlate(articles).scalar_subquery()


def _suppressed_without_row() -> ColumnElement[bool]:
    row = exists().where(
        comments.c.article_id == articles.c.id, comments.c.external_id == suppressed.c.comment_external_id
    )
    return (
        (suppressed.c.source == articles.c.source)
        & (suppressed.c.article_external_id == articles.c.external_id)
        & suppressed.c.comment_external_id.is_not(None)
        & ~row.correlate(articles, suppressed)
    )


def _comment_ids(connection: Connection, source: str, day: date) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for article, comment in connection.execute(_ids_of_day(), {"source": source, "day": day}).all():
        found[article].add(comment)
    return found


@cache
def _ids_of_day() -> CompoundSelect[Any]:
    """The live comments of a day's articles: (article's id, comment's id)."""
    at_home = select(articles.c.id).where(articles.c.source == SOURCE, articles.c.date == DAY)
    window = articles.c.id.in_(union_all(at_home, ids_elsewhere()))
    shown = select(articles.c.external_id, comments.c.external_id.label("comment")).where(
        comments.c.article_id == articles.c.id,
        comments.c.external_id.is_not(None),
        comments.c.vanished_at.is_(None),
        window,
    )
    unseen = select(articles.c.external_id, suppressed.c.comment_external_id.label("comment")).where(
        _suppressed_without_row(), window
    )
    return shown.union_all(unseen)
