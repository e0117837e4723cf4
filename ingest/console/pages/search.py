"""Articles and comments by their words, with what the best of them have in common as links that narrow."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from starlette.requests import Request

from ingest.console.desk import Desk, NotHere, Shown, day_of, number_of, wanted
from ingest.console.rendering import address
from ingest.errors import QueryInvalid
from ingest.records.search import Facets, Found, Query, SearchedKind

AT_ONCE = 20
MOST_PAGES = 10
"""Pages of results that are linked."""
MOST_VALUES = 8
FIELDS = ("words", "author", "source", "since", "until", "in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """What rows have in common: each value, how many have it, and the address with only these."""

    name: str
    values: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of an excerpt; ``marked`` if it is what was searched for."""

    text: str
    marked: bool


def search(desk: Desk, request: Request) -> Shown:
    """The form, and below it the rows that it finds."""
    given = {name: wanted(request, name) for name in FIELDS}
    number = number_of(request, "page")
    found, problem = None, None
    if given["words"] is not None:
        try:
            query = _query(given, number)
            found = desk.recent.of(query, lambda: desk.store.search(query))
        except QueryInvalid as error:
            problem = str(error)
    rows = found.rows if found is not None else ()
    values = {
        "given": given,
        "problem": problem,
        "found": found,
        "rows": [(row, pieces(row.excerpt, row.marks), pieces(row.title, row.title_marks)) for row in rows],
        "facets": list(_facets(found.facets, given)) if found is not None and found.facets else [],
        "number": number,
        "pages": [
            (page, address("/search", **{**given, "page": page})) for page in range(1, _pages(found) + 1)
        ],
        "sources": desk.names(),
    }
    return Shown(template="search.html", values=values)


def pieces(text: str, marks: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    """The text in order, taken apart where the marks begin and end."""
    at = 0
    for begin, end in marks:
        if begin > at:
            yield Piece(text=text[at:begin], marked=False)
        yield Piece(text=text[begin:end], marked=True)
        at = end
    if at < len(text):
        yield Piece(text=text[at:], marked=False)


def _pages(found: Found | None) -> int:
    return min(MOST_PAGES, -(-found.total // AT_ONCE)) if found is not None else 0


def _query(given: Mapping[str, str | None], number: int) -> Query:
    kind = next((kind for kind in get_args(SearchedKind) if kind == given["in"]), None)
    if given["in"] is not None and kind is None:
        raise NotHere(f"{given['in']!r} is neither article nor comment")
    return Query(
        words=given["words"] or "",
        author=given["author"],
        sources=(given["source"],) if given["source"] is not None else (),
        since=_day(given["since"]),
        until=_day(given["until"]),
        only=kind,
        limit=AT_ONCE,
        # A far page costs as much as all before it.
        offset=(min(number, MOST_PAGES) - 1) * AT_ONCE,
        count_facets=True,
    )


def _day(words: str | None) -> date | None:
    return day_of(words) if words is not None else None


def _facets(facets: Facets, given: Mapping[str, str | None]) -> Iterator[Facet]:
    counted = {"in": facets.kinds, "source": facets.sources, "author": facets.authors}
    for name, counts in counted.items():
        if given[name] is None and len(counts) > 1:
            best = Counter(counts).most_common(MOST_VALUES)
            yield Facet(
                name=name,
                values=tuple((value, n, address("/search", **{**given, name: value})) for value, n in best),
            )
    years = facets.years
    if given["since"] is None and given["until"] is None and len(years) > 1:
        yield Facet(name="year", values=tuple(_year(year, years[year], given) for year in sorted(years)))


def _year(year: int, number: int, given: Mapping[str, str | None]) -> tuple[str, int, str]:
    window = {"since": date(year, 1, 1), "until": date(year, 12, 31)}
    return str(year), number, address("/search", **{**given, **window})
