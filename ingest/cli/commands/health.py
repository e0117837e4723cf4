"""``thresher health``: does every parser still fill what it filled before?"""

from dataclasses import dataclass
from typing import get_args

import click

from ingest.cli.output.tables import table
from ingest.cli.session import SOURCE, Session, json_option, pass_session
from ingest.cli.source_patterns import PATTERNS, named_by, names_of
from ingest.decide.drift.fill_rates import Rates, RunRates
from ingest.decide.drift.regressions import Fall, falls
from ingest.records.json_output import instant
from ingest.store import Store
from parsers.records import PageKind
from parsers.source import Source

PAGES_SHOWN = 3
KINDS = get_args(PageKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A fall, and captures of the runs since it, as id and URL."""

    fall: Fall
    pages: tuple[tuple[int, str], ...]


@click.command()
@click.argument("source", type=SOURCE, required=False)
@PATTERNS
@click.option(
    "--runs",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    metavar="N",
    help="Compare the newest run with the N before it.",
)
@json_option
@pass_session
def health(
    session: Session, *, source: Source | None, patterns: tuple[tuple[Source, ...], ...], runs: int
) -> None:
    """Compare how often parsers fill each field with earlier runs; exit code 1 if a field fell.

    Example: thresher health rantburg --runs 30
    """
    names = names_of([named_by([source], patterns)])
    with session.reading() as store:
        # One more: the newest is what the others are compared with.
        history = store.runs.rates(names, runs + 1)
        seen = [_seen(store, fall) for fall in falls(history)]
    newest = _newest(history)
    if session.as_json:
        session.print_json(
            {
                "healthy": not seen,
                "parsers": list(map(_parser_json, newest)),
                "fallen": list(map(_json, seen)),
            }
        )
    else:
        _print(session, newest, seen)
    click.get_current_context().exit(1 if seen else 0)


def _seen(store: Store, fall: Fall) -> Seen:
    runs = [run.run_id for run in fall.runs]
    pages = store.runs.pages_read(fall.source, runs, kind=fall.kind, parser=fall.parser, limit=PAGES_SHOWN)
    return Seen(fall=fall, pages=pages)


def _newest(history: tuple[RunRates, ...]) -> list[RunRates]:
    """The newest run of every parser, by source, kind and command."""
    newest: dict[tuple[str, int, str, str], RunRates] = {}
    for run in history:
        rates = run.rates
        newest.setdefault((rates.source, KINDS.index(rates.kind), rates.parser, run.command), run)
    return [run for _, run in sorted(newest.items())]


def _print(session: Session, newest: list[RunRates], seen: list[Seen]) -> None:
    rows = [
        (
            run.rates.source,
            run.rates.parser,
            run.rates.revision,
            f"{run.command} {run.run_id}",
            instant(run.started_at),
            run.rates.pages,
            run.rates.articles,
            run.rates.comments,
            _emptiest(run.rates),
        )
        for run in newest
    ]
    columns = (
        "source",
        "parser",
        "#revision",
        "run",
        "started",
        "#pages",
        "#articles",
        "#comments",
        "filled",
    )
    session.out.print(table(*columns, rows=rows))
    for each in seen:
        for line in _sentences(each):
            session.out.print(line, markup=False, soft_wrap=True)
    session.out.print(f"NOT as before: {len(seen)} fields fell" if seen else "no field fell", markup=False)


def _emptiest(rates: Rates) -> str:
    """The fields that are filled in some rows and not in all, the emptiest first."""
    by_field = {name: rates.rate(name) for name in rates.filled}
    partly = sorted((rate, name) for name, rate in by_field.items() if rate is not None and 0 < rate < 1)
    return "  ".join(f"{name} {rate:.0%}" for rate, name in partly)


def _sentences(seen: Seen) -> list[str]:
    fall = seen.fall
    shares = f"{fall.before:.1%} of {fall.rows_before} to {fall.now:.1%} of {fall.rows_now}"
    since = f"{fall.since.command} {fall.since.run_id} of {instant(fall.since.started_at)}"
    return [
        f"{fall.parser} revision {fall.revision}: {fall.field} fell from {shares}, since {since}",
        *(f"  look at capture {capture_id}: {url}" for capture_id, url in seen.pages),
    ]


def _parser_json(run: RunRates) -> dict[str, object]:
    rates = run.rates
    return {
        "source": rates.source,
        "kind": rates.kind,
        "parser": rates.parser,
        "revision": rates.revision,
        "command": run.command,
        "run": run.run_id,
        "started_at": instant(run.started_at),
        "pages": rates.pages,
        "articles": rates.articles,
        "comments": rates.comments,
        "rates": {name: rates.rate(name) for name in sorted(rates.filled)},
    }


def _json(seen: Seen) -> dict[str, object]:
    fall = seen.fall
    return {
        "source": fall.source,
        "kind": fall.kind,
        "parser": fall.parser,
        "revision": fall.revision,
        "command": fall.command,
        "field": fall.field,
        "before": fall.before,
        "now": fall.now,
        "rows_before": fall.rows_before,
        "rows_now": fall.rows_now,
        "since": {"run": fall.since.run_id, "started_at": instant(fall.since.started_at)},
        "pages": [{"capture": capture_id, "url": url} for capture_id, url in seen.pages],
    }
