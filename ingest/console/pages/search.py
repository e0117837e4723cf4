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
from ingest.records.search import FoundRow, Query, SearchedKind

AT_ONCE = 20
COUNTED = 100
"""The best rows, of which the facets are: more would be read for numbers that nobody needs whole."""
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
            query = _query(given)
            found = desk.recent.of(query, lambda: desk.store.search(query))
        except QueryInvalid as error:
            problem = str(error)
    rows = found.rows if found is not None else ()
    values = {
        "given": given,
        "problem": problem,
        "found": found,
        "rows": [
            (row, pieces(row.excerpt, row.marks), pieces(row.title, row.title_marks))
            for row in _of(rows, number)
        ],
        "facets": list(_facets(rows, given)),
        "counted": len(rows),
        "number": number,
        "pages": [
            (page, address("/search", **{**given, "page": page}))
            for page in range(1, -(-len(rows) // AT_ONCE) + 1)
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


def _of(rows: Sequence[FoundRow], number: int) -> Sequence[FoundRow]:
    return rows[(number - 1) * AT_ONCE : number * AT_ONCE]


def _query(given: Mapping[str, str | None]) -> Query:
    kind = next((kind for kind in get_args(SearchedKind) if kind == given["in"]), None)
    if given["in"] is not None and kind is None:
        raise NotHere(f"{given['in']!r} is neither article nor comment")
    return Query(
        words=given["words"] or "",
        author=given["author"],
        source=given["source"],
        since=_day(given["since"]),
        until=_day(given["until"]),
        only=kind,
        limit=COUNTED,
    )


def _day(words: str | None) -> date | None:
    return day_of(words) if words is not None else None


def _facets(rows: Sequence[FoundRow], given: Mapping[str, str | None]) -> Iterator[Facet]:
    counted = {
        "in": Counter[str](row.kind for row in rows),
        "source": Counter(row.source for row in rows),
        "author": Counter(row.author for row in rows if row.author),
    }
    for name, counts in counted.items():
        if given[name] is None and len(counts) > 1:
            best = counts.most_common(MOST_VALUES)
            yield Facet(
                name=name,
                values=tuple((value, n, address("/search", **{**given, name: value})) for value, n in best),
            )
    years = Counter(row.day.year for row in rows)
    if given["since"] is None and given["until"] is None and len(years) > 1:
        yield Facet(name="year", values=tuple(_year(year, years[year], given) for year in sorted(years)))


def _year(year: int, number: int, given: Mapping[str, str | None]) -> tuple[str, int, str]:
    window = {"since": date(year, 1, 1), "until": date(year, 12, 31)}
    return str(year), number, address("/search", **{**given, **window})
