"""Progress on stderr: a line that moves on a terminal, a line a minute elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ingest.cli.session import Session
from ingest.harvest import Progress as Follow
from ingest.report import Outcome

EVERY = 60.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def following(session: Session, title: str) -> Iterator[Follow]:
    """A function to be told each page's outcome."""
    if session.quiet:
        yield lambda _: None
        return
    if session.err.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=session.err, transient=True) as bar:
            task = bar.add_task(title)
            pages = 0

            def move(outcome: Outcome) -> None:
                nonlocal pages
                pages += 1
                bar.update(task, description=_line(title, pages, outcome))

            yield move
        return
    yield _now_and_then(session, title)


def _now_and_then(session: Session, title: str) -> Follow:
    pages = 0
    told = session.clock.monotonic()

    def tell(outcome: Outcome) -> None:
        nonlocal pages, told
        pages += 1
        if session.clock.monotonic() - told >= EVERY:
            told = session.clock.monotonic()
            session.say(_line(title, pages, outcome))

    return tell


def _line(title: str, pages: int, outcome: Outcome) -> str:
    return f"{title}: {pages} pages, {outcome.day} section {outcome.section} {outcome.state}"
