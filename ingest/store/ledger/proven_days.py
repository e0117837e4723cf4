"""The days of a source that its ledger proves, found by the database; and the rows of the others."""

from functools import cache
from typing import Any

from sqlalchemy import Select, case, func, select

from ingest.store.database.parameters import SOURCE
from ingest.store.database.schema import pages

OF_DAYS = pages.c.kind == "section"
"""The rows of days, without those of threads."""
OF_STATE = (
    *("day", "section", "state", "full_at"),
    *("expected_articles", "held_articles", "expected_comments", "held_comments"),
)


@cache
def states_beside_proven() -> Select[Any]:
    """The rows of a source's days that are not proven, by day, with what the state of a day depends on."""
    wanted = select(*(pages.c[name] for name in OF_STATE))
    other = pages.c.day.in_(select(days_of_source(proven=False).subquery().c.day))
    of_source = wanted.where(OF_DAYS, pages.c.source == SOURCE, other)
    return of_source.order_by(pages.c.day, pages.c.section)


@cache
def days_of_source(*, proven: bool) -> Select[Any]:
    """The days whose pages are all proven, or all others: as ``decide`` judges a page by itself."""
    expected, held = pages.c.expected_comments, pages.c.held_comments
    agrees = (expected == held) | (expected.is_(None) & held.is_(None))
    is_proven = (pages.c.state == "done") & (pages.c.expected_articles == pages.c.held_articles) & agrees
    least = func.min(case((is_proven, 1), else_=0))
    days = select(pages.c.day, func.sum(pages.c.expected_articles).label("expected"))
    of_source = days.where(OF_DAYS, pages.c.source == SOURCE)
    return of_source.group_by(pages.c.day).having(least == int(proven))
