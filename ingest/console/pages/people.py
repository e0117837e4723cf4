"""An author's comments over time, or the authors that there are."""

from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request

from ingest.console.desk import Desk, NotHere, Shown, wanted
from ingest.console.plots import Plot, bars
from ingest.store.articles.authors import After, AuthorComment

AT_ONCE = 50
NAMES = 50
LAST_MONTHS = 120
MONTHS = 12


def people(desk: Desk, request: Request) -> Shown:
    """The comments of the author that is named whole, or else the names that begin so."""
    author = wanted(request, "author")
    months = _months(desk, author) if author is not None else {}
    if author is None or not months:
        return _names(desk, author)
    before = _after(wanted(request, "before"))
    found = desk.recent.of(
        ("comments", author, before), lambda: desk.store.authors.comments(author, AT_ONCE + 1, before)
    )
    values = {
        "author": author,
        "comments": found[:AT_ONCE],
        "further": _key(found[AT_ONCE - 1]) if len(found) > AT_ONCE else None,
        "first_page": before is None,
        "total": sum(months.values()),
        "first": min(months),
        "last": max(months),
        "plot": desk.recent.of(("author", author), lambda: _plotted(months)),
    }
    return Shown(template="person.html", values=values)


def _months(desk: Desk, author: str) -> dict[str, int]:
    return desk.recent.of(("months", author), lambda: desk.store.authors.months(author))


def _names(desk: Desk, letters: str | None) -> Shown:
    names: Sequence[tuple[str, int]]
    if letters is None:
        names = desk.recent.of("authors", lambda: desk.store.authors.busiest(NAMES))
    else:
        names = desk.store.authors.beginning(letters, NAMES)
    return Shown(template="people.html", values={"letters": letters, "names": names, "most": NAMES})


def _plotted(months: dict[str, int]) -> Plot:
    """Every month from the first to the last; the last ten years of a long time."""
    known = {month: number for month, number in months.items() if _index(month) is not None}
    indexes = [index for month in known if (index := _index(month)) is not None]
    first, last = min(indexes, default=0), max(indexes, default=-1)
    drawn = [_month(index) for index in range(max(first, last - LAST_MONTHS + 1), last + 1)]
    return bars("Comments a month", "month", {"comments": [known.get(one, 0) for one in drawn]}, drawn)


def _index(month: str) -> int | None:
    year, _, number = month.partition("-")
    # The store's months are text: "2018-03".
    if not (year.isdecimal() and number.isdecimal()):
        return None
    return int(year) * MONTHS + int(number) - 1


def _month(index: int) -> str:
    return f"{index // MONTHS:04}-{index % MONTHS + 1:02}"


def _key(last: AuthorComment) -> str:
    # "2018-03-23T05:35:00+00:00/4711": by moment and row, so that none of one second is left out.
    return f"{last.posted_at.isoformat()}/{last.row_id}"


def _after(words: str | None) -> After | None:
    if words is None:
        return None
    moment, _, row_id = words.partition("/")
    try:
        when = datetime.fromisoformat(moment)
        number = int(row_id)
    except ValueError as exc:
        raise NotHere("there is no such place among the comments") from exc
    if when.tzinfo is None:
        raise NotHere("there is no such place among the comments")
    return when, number
