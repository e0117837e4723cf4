"""What pages others' files hold, and where each can be read again.

    path --Reading--> ExternalPage --a pack knows its address--> Entry
    fixture --Capture------> spool --> Entry

An entry names the place of its record. What cannot be read on its own from a place (a revisit, whose body is
elsewhere; a record behind another one in its gzip member; a fixture) is put into a spool file, as a record.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from ingest.archive.archive_file import ArchiveFile
from ingest.archive.external.containers import require_readable, shown
from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import first_fault, read_pages
from ingest.archive.warc.records import response_member
from ingest.errors import ArchiveDamaged, ConfigurationError, StoreUnusable
from ingest.jobs.imports.external_pages import SKEW, FileSeen, Reading, held_by, source_of
from ingest.jobs.packs.fixtures import Fixture, case_folders, read_one
from ingest.pipeline.parse.entry import Entry, entry_of, in_order
from ingest.pipeline.workspace import Workspace
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.capture import Capture
from ingest.store import Store
from parsers.source import Source

OK = 200

IsWanted = Callable[[ExternalPage, Source], bool]


class Finder:
    """A context manager, which holds the spool.

    ``damaged`` names the records that cannot be read, ``others`` counts answers from unknown addresses,
    ``files`` has the WARC files one by one.
    """

    def __init__(self, *, store: Store, archive: ArchiveFolder, now: datetime) -> None:
        self._held = held_by(store, archive)
        self._now = now
        self._opened = ExitStack()
        self.damaged: list[str] = []
        self.others = 0
        self.files: dict[ArchiveFile, FileSeen] = {}

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """For a job that begins now."""
        archive, now = workspace.settings.archive, workspace.clock.now()
        return cls(store=workspace.store, archive=archive, now=now)

    def __enter__(self) -> Self:
        folder = self._opened.enter_context(TemporaryDirectory(prefix="thresher-"))
        self._spool = Path(folder) / "spool.warc.gz"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def in_warc(self, paths: Iterable[Path]) -> list[Entry]:
        """The pages of all the files, oldest first, each once.

        Raises:
            ConfigurationError: one of them is no WARC file, or cannot be read at all.
        """
        wanted = tuple(dict.fromkeys(paths))
        for one in wanted:
            _require_warc(one)
        return self._listed(wanted, lambda page, source: source.reads(page.status))

    def answers(self, paths: Iterable[Path]) -> list[Entry]:
        """The same with the answers that are no pages, errors too: all that is worth keeping.

        Raises:
            ConfigurationError: one of them can hold no records.
        """
        wanted = tuple(dict.fromkeys(paths))
        for one in wanted:
            require_readable(one)
        return self._listed(wanted, lambda _page, _source: True)

    def _listed(self, paths: Sequence[Path], is_wanted: IsWanted) -> list[Entry]:
        looked: dict[ArchiveFile, FileSeen] = {path: FileSeen(file=shown(path)) for path in paths}

        def add_damage(path: ArchiveFile, error: ArchiveDamaged) -> None:
            looked[path].damaged.append(str(error))

        reading = Reading(looked, now=self._now, damaged=add_damage, find_original=self._held)
        found: list[Entry] = []
        for page, source in reading.pages():
            if is_wanted(page, source):
                looked[page.path].pages += 1
                found.append(self._entry(page, source))
        self.damaged += [reason for look in looked.values() for reason in look.damaged]
        self.others += sum(look.others for look in looked.values())
        self.files |= looked
        return in_order(found)

    def in_fixtures(self, root: Path) -> list[Entry]:
        """The pages of all fixtures below a folder, oldest first, each once.

        Raises:
            ConfigurationError: there is none, or a folder is no fixture, or none yet.
        """
        found: list[Entry] = []
        for folder in case_folders(root):
            fixture = read_one(folder)
            source = source_of(fixture.url)
            if source is None or source.name != fixture.source:
                self.others += 1
                continue
            capture = _capture(fixture)
            if capture.captured_at > self._now + SKEW:
                raise ConfigurationError(f"{folder}: its captured_at is in the future")
            start = self._spooled(capture)
            (page,) = read_pages(self._spool, start=start)
            page = replace(page, file=fixture.name)
            found.append(entry_of(page, source.name, place=self._spool, start=start))
        return in_order(found)

    def _entry(self, page: ExternalPage, source: Source) -> Entry:
        if page.alone and not page.revisit:
            return entry_of(page, source.name, place=page.path, start=page.offset)
        return entry_of(page, source.name, place=self._spool, start=self._spooled(page.as_capture()))

    def _spooled(self, capture: Capture) -> int:
        """Append the capture to the spool; return its offset there."""
        try:
            with self._spool.open("ab") as spool:
                start = spool.tell()
                spool.write(response_member(capture, warcinfo_id="").data)
        except OSError as exc:
            raise StoreUnusable(f"{self._spool} cannot be written: {exc.strerror}") from exc
        return start


def _require_warc(path: Path) -> None:
    """Raises ConfigurationError for a file without one whole record."""
    require_readable(path)
    reason = first_fault(path)
    if reason is not None:
        raise ConfigurationError(f"{shown(path)} is no WARC file that can be read: {reason}")


def _capture(fixture: Fixture) -> Capture:
    """The fixture as a capture; fields that its meta.json does not have are left empty."""
    captured_at = fixture.captured_at
    headers = [("Content-Type", fixture.content_type)] if fixture.content_type is not None else []
    return Capture(
        url=fixture.url,
        captured_at=captured_at.replace(tzinfo=captured_at.tzinfo or UTC).astimezone(UTC),
        method="GET",
        request_headers=(),
        http_version="",
        status=OK,
        reason="OK",
        response_headers=tuple((key.encode(), value.encode("latin-1", "replace")) for key, value in headers),
        wire_body=fixture.body,
        body=fixture.body,
        ip=None,
        framed=True,
        seconds=0.0,
    )
