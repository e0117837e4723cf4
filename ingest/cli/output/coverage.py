"""What is held beside what the site counts, for people: the sums, and then only what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from rich.text import Text

from ingest.cli.output.calendar import legend, years_drawn
from ingest.cli.output.tables import table
from ingest.cli.plain_text import safe
from ingest.cli.session import Session
from ingest.decide.completeness.gaps import never_reached, stretches, why
from ingest.jobs.verify import Coverage
from ingest.records.lists import ThreadState
from ingest.records.pages import PageState, Shortfall

MOST = 20
"""The most lines of a kind without --all."""
ROWS_AT_ONCE = 1000
PAGE_COLUMNS = ("source", "day", "section", "state", "articles", "of", "comments", "of", "why")
NUMBERS = {2, 4, 5, 6, 7}
"""Which of the columns are numbers."""
Row = tuple[str, ...]


def print_coverage(session: Session, covered: Coverage, *, everything: bool) -> None:
    """The sums, by year if there are several, and then what is not complete; every page if ``everything``."""
    for line in covered.sentences():
        _say(session, line)
    _print_years(session, covered.years())
    pages = covered.pages if everything else [page for page in covered.incomplete if not never_reached(page)]
    print_pages(session, pages, everything=everything)
    visits = (f"never visited: {_stretch(*days)}" for days in stretches(covered.unvisited))
    _print_lines(session, list(visits), everything=everything)
    _print_lines(session, [_gap(gap) for gap in covered.shortfalls], everything=everything)
    lists = [_thread(one) for one in covered.threads if everything or one.state != "done"]
    _print_lines(session, lists, everything=everything)


def _print_years(session: Session, years: Mapping[int, Coverage]) -> None:
    if len(years) < 2:
        return
    session.out.print()
    columns = ("year", "#pages", "#not complete", "#articles", "#of", "#comments", "#of", "never visited")
    session.out.print(table(*columns, rows=(_year(year, one) for year, one in years.items())))


def print_pages(session: Session, pages: Sequence[PageState], *, everything: bool) -> None:
    """A row a page: what is held, what the site counts, and why that is not enough."""
    if not pages:
        return
    shown = pages if everything else pages[:MOST]
    session.out.print()
    _print_rows(session, [PAGE_COLUMNS, *map(_page, shown)])
    _say_how_many_more(session, len(pages) - len(shown))


def print_calendar(
    session: Session, covered: Coverage, source: str | None, *, since: date | None, until: date | None
) -> None:
    """The years of each source; days of the window without a row are drawn, those outside of it are not."""
    calendar = covered.calendar(source, since, until)
    if session.as_json:
        by_day = {name: {str(day): state for day, state in days.items()} for name, days in calendar.items()}
        session.print_json({"complete": covered.complete, "calendar": by_day})
        return
    for name, days in calendar.items():
        _say(session, name)
        for line in years_drawn(days):
            session.out.print(line, soft_wrap=True)
    drawn = {state for days in calendar.values() for state in days.values()}
    session.out.print(legend(drawn), soft_wrap=True)
    _say(session, covered.verdict)


def _print_lines(session: Session, lines: Sequence[str], *, everything: bool) -> None:
    shown = lines if everything else lines[:MOST]
    if shown:
        session.out.print()
    for line in shown:
        _say(session, line)
    _say_how_many_more(session, len(lines) - len(shown))


def _say_how_many_more(session: Session, left: int) -> None:
    if left > 0:
        _say(session, f"and {left} more: --all lists every one")


def _say(session: Session, words: str) -> None:
    session.out.print(safe(words), soft_wrap=True)


def _year(year: int, covered: Coverage) -> Iterable[object]:
    held, expected = covered.totals.held, covered.totals.expected
    return (
        year,
        covered.totals.pages,
        len(covered.incomplete),
        held.articles,
        expected.articles,
        held.comments,
        expected.comments,
        f"{len(covered.unvisited)} days" if covered.unvisited else "",
    )


def _page(page: PageState) -> Row:
    cells = (
        page.source,
        page.day,
        page.section,
        page.state,
        page.held_articles,
        page.expected_articles,
        page.held_comments,
        page.expected_comments,
        why(page),
    )
    return tuple("" if cell is None else str(cell) for cell in cells)


def _print_rows(session: Session, rows: Sequence[Row]) -> None:
    # A table that lays out each cell takes a minute for the pages of 25 years.
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        lines = (_aligned(row, widths) for row in rows[start : start + ROWS_AT_ONCE])
        session.out.print(Text("\n").join(map(safe, lines)), soft_wrap=True)


def _aligned(row: Row, widths: Sequence[int]) -> str:
    aligned = (
        cell.rjust(width) if number in NUMBERS else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(aligned).rstrip()


def _stretch(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}, {(last - first).days + 1} days"


def _thread(thread: ThreadState) -> str:
    reason = f": {thread.last_error}" if thread.last_error else ""
    return f"thread {thread.thread} of {thread.day} is {thread.state}{reason}"


def _gap(gap: Shortfall) -> str:
    counted = f"{gap.held_comments} of {gap.expected_comments} comments"
    return f"article {gap.external_id} of {gap.day}: {counted}  {gap.title}"
