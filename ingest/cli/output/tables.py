"""Tables for people. Everything from outside is printed as text, never as markup or control codes."""

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ingest.cli.plain_text import safe
from ingest.records.counts import Counts
from ingest.records.outcome import Report, as_dict


def table(*columns: str, rows: Iterable[Iterable[object]]) -> Table:
    """A table. Columns whose name begins with ``#`` are numbers; only the last may be broken into lines."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        numeric = column.startswith("#")
        last = column == columns[-1]
        made.add_column(
            column.removeprefix("#"),
            justify="right" if numeric else "left",
            no_wrap=not last,
            overflow="fold",
        )
    for row in rows:
        made.add_row(*(safe(cell) for cell in row))
    return made


def counts_line(counts: Counts) -> str:
    """``new 12  modified 3  unmodified 140  vanished 1``, in the one order."""
    return "  ".join(f"{key} {value}" for key, value in as_dict(counts).items() if key != "returned" or value)


def report_table(report: Report) -> Group:
    """A run: a row a page, then the sums."""
    rows = [
        (
            outcome.day,
            outcome.section,
            outcome.state,
            _happened(outcome.articles),
            _happened(outcome.comments),
            outcome.reason,
        )
        for outcome in report.outcomes
    ]
    states = "  ".join(f"{state} {count}" for state, count in report.pages.items())
    return Group(
        table("day", "#section", "page", "articles", "comments", "", rows=rows),
        Text(""),
        Text(f"articles  {counts_line(report.articles)}"),
        Text(f"comments  {counts_line(report.comments)}"),
        Text(f"pages     {states}"),
        Text(f"{report.requests} page requests, {report.bytes_received:,} bytes"),
    )


def _happened(counts: Counts) -> str:
    return "  ".join(f"{key} {value}" for key, value in as_dict(counts).items() if value)
