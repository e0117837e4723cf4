"""The bracket around every run: its lock, its row from begin to end, its parser health, and why it failed.

lock --> begin_run --> Run --the job--> run.report --> health --> end_run
"""

import asyncio
import resource
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from ingest.errors import CouldNotRun
from ingest.pipeline.takedowns import agree_on_takedowns
from ingest.pipeline.workspace import Run, Workspace
from parsers.source import Source

ReportT = TypeVar("ReportT")


@contextmanager
def locked_run(command: str, source: Source, workspace: Workspace, *, agree: bool = True) -> Iterator[Run]:
    """``running``, with the source locked against every other run that locks it. Raises Busy."""
    with workspace.store.lock(source.name), running(command, source, workspace, agree=agree) as run:
        yield run


@contextmanager
def running(command: str, source: Source, workspace: Workspace, *, agree: bool = True) -> Iterator[Run]:
    """Begin a run, and end it as the report says that the job puts into ``run.report``.

    With ``agree`` the database and the archive first agree on what was taken down.

    A job that raises ends the run as failed; its row keeps the reason, and what the report counts if there
    is one already.
    """
    store, clock = workspace.store, workspace.clock
    run_id = store.runs.begin(command, source.name, clock.now())
    run = Run(run_id=run_id, source=source, workspace=workspace, began=clock.monotonic())
    try:
        # Before the first page: what was taken down must not come back by it.
        if agree:
            agree_on_takedowns(source.name, workspace)
        yield run
        if rates := run.census.rates():
            store.runs.put_rates(run_id, rates)
    # Ctrl-C as well: a row without an end would look like a run at work.
    except BaseException as error:
        counts = run.report.counts() if run.report is not None else {}
        store.runs.end(run_id, clock.now(), "failed", counts, _why(error))
        raise
    if run.report is None:
        raise AssertionError(f"{command} has ended without a report")
    store.runs.end(run_id, clock.now(), run.report.run_outcome, run.report.counts())


async def each_by_itself(runs: Iterable[Coroutine[Any, Any, ReportT]]) -> list[ReportT | CouldNotRun]:
    """Several sources' runs at once, each polite to its own host.

    An error that keeps one source from running does not stop the others: it is returned in the place of that
    source's report.
    """
    allow_many_files()
    results = await asyncio.gather(*runs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, CouldNotRun):
            raise result
    return cast("list[ReportT | CouldNotRun]", results)


def allow_many_files() -> None:
    """Let this process have all the open files that it may: each source that is asked has about ten."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Up to what the system allows this process without asking.
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _why(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return "broken off"
    return str(error) or type(error).__name__
