"""WARC files of others made of a rig's captures, and re-parses of them into a store of their own."""

import gzip
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.archive.external.pages import read_pages
from ingest.archive.warc.records import response_member
from ingest.jobs.imports import Entry, Finder, reparse_entries
from ingest.jobs.reparse import Reparse, ReparseReport
from ingest.pipeline.workspace import Workspace
from ingest.records.capture import Capture
from ingest.settings import Settings
from ingest.store import Store
from parsers.registry import source_named
from tests.kit.fakes import FakeClock
from tests.kit.rig import Rig

OWN = "http://www.rantburg.com/"
LATER = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("one.warc.gz", "two.warc", "three.warc.gz")


def captures_of(rig: Rig) -> list[Capture]:
    """What the rig's archive holds, under the addresses of the site itself."""
    return [
        replace(page.as_capture(), url=page.url.replace(rig.site.url, OWN))
        for path in sorted(rig.archive.glob("*.gz"))
        for page in read_pages(path)
    ]


def member(capture: Capture) -> bytes:
    return response_member(capture, warcinfo_id="<urn:x>").data


def write(path: Path, captures: Iterable[Capture]) -> Path:
    """A WARC file: plain records, or a gzip member each."""
    members = b"".join(member(capture) for capture in captures)
    path.write_bytes(members if path.suffix == ".gz" else gzip.decompress(members))
    return path


def scattered(captures: Sequence[Capture], folder: Path) -> list[Path]:
    """The captures in no order over three files: gzip, plain, and all in one gzip member."""
    mixed = list(captures)
    random.Random(4711).shuffle(mixed)
    paths = [write(folder / name, mixed[place::3]) for place, name in enumerate(NAMES)]
    paths[2].write_bytes(gzip.compress(gzip.decompress(paths[2].read_bytes())))
    return paths


class Desk:
    """A store and an archive, empty at first, into which others' pages are taken."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.url = str(folder / "held.sqlite3")
        self.archive = folder / "archive"
        self.clock = FakeClock(LATER)
        self.damaged: list[str] = []
        self.others = 0

    def warc(self, *paths: Path, **wanted: Any) -> ReparseReport:
        return self._reparse(lambda finder: finder.in_warc(paths), **wanted)

    def fixtures(self, root: Path, **wanted: Any) -> ReparseReport:
        return self._reparse(lambda finder: finder.in_fixtures(root), **wanted)

    def _reparse(
        self,
        find: Callable[[Finder], list[Entry]],
        *,
        workers: int = 1,
        found: Callable[[], None] = lambda: None,
        **wanted: Any,
    ) -> ReparseReport:
        """``found`` is called between the finding and the loading."""
        self.clock.advance(60)
        settings = Settings(database=self.url, archive=self.archive, contact="tests@localhost")
        with (
            Store.open(self.url) as store,
            Finder(store=store, archive=self.archive, now=self.clock.now()) as finder,
        ):
            entries = find(finder)
            self.damaged, self.others = finder.damaged, finder.others
            found()
            return reparse_entries(
                Reparse(source=source_named("rantburg"), **wanted),
                entries,
                Workspace(settings=settings, store=store, clock=self.clock),
                command="reparse --warc",
                workers=workers,
                progress=lambda _done, _total: None,
            )
