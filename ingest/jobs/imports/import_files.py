"""An import: a re-parse of others' files that passes over what is held.

What is kept of a file is every answer of a source's address, also one that is no page.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ingest.jobs.imports.external_pages import FileSeen
from ingest.jobs.imports.run import reparse_entries
from ingest.jobs.imports.warc_files import Finder
from ingest.jobs.reparse import Progress, Reparse, ReparseReport
from ingest.pipeline.workspace import Workspace
from ingest.records.pages import RunOutcome
from parsers.registry import sources


@dataclass(slots=True)
class FileImport:
    """The result for one file."""

    seen: FileSeen
    loaded: int = 0
    unread: int = 0

    @property
    def known(self) -> int:
        """Its pages that were held before, some perhaps out of another of the files."""
        return self.seen.pages - self.loaded - self.unread

    def add(self, number: int, *, was_read: bool) -> None:
        """So many more were taken in."""
        if was_read:
            self.loaded += number
        else:
            self.unread += number

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        numbers = {"loaded": self.loaded, "unread": self.unread, "known": self.known}
        return {"file": self.seen.file, **numbers, **self.seen.as_json()}


def import_files(
    paths: Iterable[Path], workspace: Workspace, *, workers: int, progress: Progress
) -> list[FileImport]:
    """Take in what is not held, source by source; a damaged record is reported and not raised.

    Raises:
        ConfigurationError: a file can hold no records; nothing was imported.
        Busy, StoreUnusable: as a harvest.
    """
    with Finder.of(workspace) as finder:
        found = finder.answers(paths)
        imports = {path: FileImport(seen) for path, seen in finder.files.items()}
        damaged = len(finder.damaged)
        there = Counter(entry.source for entry in found)
        for source in (each for each in sources() if each.name in there):
            report = reparse_entries(
                Reparse(source=source, only_new=True),
                found,
                workspace,
                command="import",
                workers=workers,
                progress=progress,
                row_of=partial(_Row, pages=there[source.name], damaged=damaged),
            )
            for (path, was_read), number in report.of_files.items():
                imports[path].add(number, was_read=was_read)
    return list(imports.values())


@dataclass(frozen=True, slots=True)
class _Row:
    """What the row of a run keeps: of one source, but for the damage of all files."""

    report: ReparseReport
    pages: int
    damaged: int
    run_outcome: RunOutcome = "complete"

    def counts(self) -> dict[str, int]:
        loaded, unread = self.report.parsed, self.report.looked - self.report.parsed
        known = self.pages - self.report.looked
        return {"loaded": loaded, "unread": unread, "known": known, "damaged": self.damaged}
