"""Re-parses of a rig's captures, in this process and in one of its own; digests of what is held."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from ingest.jobs.reparse import Progress, Reparse, ReparseReport, reparse
from ingest.pipeline.parse.limited_process import WorkerLimits
from ingest.store import Store
from ingest.store.database.schema import metadata
from parsers.registry import source_named
from parsers.source import Source
from tests.kit import rows
from tests.kit.child import Child, begun
from tests.kit.rig import Rig

ROOT = Path(__file__).parents[3]
OF_RUNS = {"attempts", "first_failed_at", "last_failed_at"}
"""How often a page was tried depends on how often a run was killed."""


def parse_again(
    rig: Rig,
    *,
    workers: int = 1,
    limits: WorkerLimits | None = None,
    progress: Progress = lambda _done, _total: None,
    **wanted: Any,
) -> ReparseReport:
    source: Source = wanted.pop("source", source_named("rantburg"))
    rig.clock.advance(60)
    with Store.open(rig.url) as store:
        return reparse(
            Reparse(source=source, **wanted),
            rig.workspace(store),
            workers=workers,
            progress=progress,
            limits=limits,
        )


def whole(url: str) -> str:
    """The SHA-256 of every value of every row, but for the diary of runs and the health they measured."""
    told = {
        name: sorted(
            json.dumps({key: str(value) for key, value in row.items() if key not in OF_RUNS}, sort_keys=True)
            for row in rows.table(url, name)
        )
        for name in metadata.tables
        if name not in {"runs", "parser_health"}
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


SLOWLY = """
import sys, time
import ingest.cli.main
from ingest.jobs.reparse import batches
batches.PAGES_AT_ONCE = 2
take = batches.Batches._take
def slowly(self, *arguments):
    time.sleep(0.1)
    take(self, *arguments)
batches.Batches._take = slowly
ingest.cli.main.main()
"""


def start(rig: Rig, *more: str) -> Child:
    """``thresher reparse`` in a process of its own, two pages a transaction and slow enough to be killed."""
    where = ["--database", rig.url, "--archive", str(rig.archive)]
    command = [sys.executable, "-c", SLOWLY, *where, "reparse", "rantburg", "--workers", "2", *more]
    return begun(command, rig.archive.parent)
