"""What pages others' files hold, and where each can be read again.

    path --pages_of--> ForeignPage --a pack knows its address, status 200--> Entry
    fixture --Capture------> spool --> Entry

An entry names the place of its record. What cannot be read on its own from a place (a revisit, whose body is
elsewhere; a record behind another one in its gzip member; a fixture) is put into a spool file, as a record.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from ingest.archive.foreign import Elsewhere, read_pages
from ingest.archive.http import Answer
from ingest.archive.records import response_member
from ingest.archive.walk import walk
from ingest.capture import Capture
from ingest.elsewhere.entry import Entry, entry_of, in_order
from ingest.errors import ArchiveDamaged, ConfigurationError, StoreUnusable
from ingest.fixtures import Fixture, case_folders, read_one
from ingest.importing import SKEW, held_by, pages_of, source_of
from ingest.store import Store

OK = 200


class Finder:
    """A context manager, which holds the spool. ``damaged`` and ``others`` tell what was not found:

    records that cannot be read, and how many answers are from addresses that no pack knows.
    """

    def __init__(self, *, store: Store, archive: Path, now: datetime) -> None:
        self._held = held_by(store, archive)
        self._now = now
        self._opened = ExitStack()
        self.damaged: list[str] = []
        self.others = 0

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
        looked = [_Look(path) for path in paths]
        for look in looked:
            _require_warc(look.path)
        for look in looked:
            self._index(look, self._held)
        found = [entry for look in looked for entry in look.entries]
        # A revisit may repeat what another file holds: now it is known where that is.
        originals = _Originals(found, self._held)
        for look in looked:
            if look.unmet:
                again = _Look(look.path)
                self._index(again, originals.answer)
                look.entries, look.damaged, look.others = again.entries, again.damaged, again.others
        self.damaged += [reason for look in looked for reason in look.damaged]
        self.others += sum(look.others for look in looked)
        return in_order(entry for look in looked for entry in look.entries)

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
                raise ConfigurationError(f"{folder}: its captured_at lies in the future")
            start = self._put_aside(capture)
            (page,) = read_pages(self._spool, start=start)
            page = replace(page, file=fixture.name)
            found.append(entry_of(page, source.name, place=self._spool, start=start))
        return in_order(found)

    def _index(self, look: "_Look", elsewhere: Elsewhere) -> None:
        def known(url: str, digest: str) -> Answer | None:
            answer = elsewhere(url, digest)
            look.unmet |= answer is None and source_of(url) is not None
            return answer

        before = None
        for page in pages_of(look.path, now=self._now, damaged=look.tell, elsewhere=known):
            alone, before = not page.revisit and page.offset != before, page.offset
            source = source_of(page.url)
            if source is None:
                look.others += 1
            elif page.status == OK:
                place = look.path if alone else self._spool
                start = page.offset if alone else self._put_aside(page.as_capture())
                look.entries.append(entry_of(page, source.name, place=place, start=start))

    def _put_aside(self, capture: Capture) -> int:
        """Where in the spool it lies."""
        try:
            with self._spool.open("ab") as spool:
                start = spool.tell()
                spool.write(response_member(capture, warcinfo_id="").data)
        except OSError as exc:
            raise StoreUnusable(f"{self._spool} cannot be written: {exc.strerror}") from exc
        return start


class _Look:
    """What one look through a file found; ``unmet``: a revisit in it repeats what nobody had yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Entry] = []
        self.damaged: list[str] = []
        self.others = 0
        self.unmet = False

    def tell(self, error: ArchiveDamaged) -> None:
        self.damaged.append(str(error))


class _Originals:
    """Answers to revisits: what our archive holds, else what lies in one of the files."""

    def __init__(self, found: Iterable[Entry], held: Elsewhere) -> None:
        self._held = held
        ranked = sorted(found, key=lambda entry: (entry.identity, entry.rank), reverse=True)
        self._by_payload = {entry.payload_sha1: entry for entry in ranked}

    def answer(self, url: str, digest: str) -> Answer | None:
        entry = self._by_payload.get(digest.removeprefix("sha1:"))
        return self._held(url, digest) or (entry.page().answer if entry is not None else None)


def _require_warc(path: Path) -> None:
    try:
        first = next(walk(path), None)
    except ArchiveDamaged as error:
        raise ConfigurationError(f"{path} is no WARC file that can be read: {error}") from error
    if first is None:
        raise ConfigurationError(f"{path} is no WARC file: it is empty")


def _capture(fixture: Fixture) -> Capture:
    """The fixture as the answer it once was; what its meta.json does not tell is left open."""
    said = fixture.captured_at
    headers = [("Content-Type", fixture.content_type)] if fixture.content_type is not None else []
    return Capture(
        url=fixture.url,
        captured_at=said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC),
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
