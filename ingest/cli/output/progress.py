"""Progress on stderr: a line that moves on a terminal, a line a minute elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ingest.cli.session import Session
from ingest.jobs.reparse import Progress as Advance
from ingest.jobs.visits import OnOutcome
from ingest.records.outcome import Outcome

SHOWN = 0.5
"""Seconds of a wait that is worth a word."""
EVERY = 60.0
"""Seconds between two lines where there is no terminal."""


class NextRequestColumn(ProgressColumn):
    """That the run waits for its next request, and for how many seconds more."""

    max_refresh = 0.5

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's signature
        """Nothing if it does not wait."""
        until = self._session.waits.until
        left = (until - self._session.clock.now()).total_seconds() if until is not None else 0.0
        return Text(f"next request in {left:.0f} s" if left >= SHOWN else "")


@contextmanager
def following(session: Session, title: str) -> Iterator[OnOutcome]:
    """Yield a function that reports each page's outcome."""
    if session.quiet:
        yield lambda _: None
        return
    if session.err.is_terminal:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            NextRequestColumn(session),
        )
        with Progress(*columns, console=session.err, transient=True) as bar:
            task = bar.add_task(title)
            pages = 0

            def move(outcome: Outcome) -> None:
                nonlocal pages
                pages += 1
                bar.update(task, description=_line(title, pages, outcome))

            yield move
        return
    yield _every_minute(session, title)


def _every_minute(session: Session, title: str) -> OnOutcome:
    pages = 0
    last_line = session.clock.monotonic()

    def report(outcome: Outcome) -> None:
        nonlocal pages, last_line
        pages += 1
        if session.clock.monotonic() - last_line >= EVERY:
            last_line = session.clock.monotonic()
            session.say(_line(title, pages, outcome))

    return report


def _line(title: str, pages: int, outcome: Outcome) -> str:
    return f"{title}: {pages} pages, {outcome.day} section {outcome.section} {outcome.state}"


@contextmanager
def advancing(session: Session, title: str, unit: str = "pages") -> Iterator[Advance]:
    """Yield a function that reports progress, as (done, total), with an estimate of the time left."""
    if session.quiet:
        yield lambda _done, _total: None
        return
    if not session.err.is_terminal:
        yield _estimating(session, title, unit)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        NextRequestColumn(session),
    )
    with Progress(*columns, console=session.err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _estimating(session: Session, title: str, unit: str) -> Advance:
    began = last_line = session.clock.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last_line
        now = session.clock.monotonic()
        if now - last_line >= EVERY and done:
            last_line = now
            minutes = (now - began) / done * (total - done) / 60
            session.say(f"{title}: {done} of {total} {unit}, about {minutes:.0f} min to go")

    return report
