"""Pages out of WARC files that others made: whose they are, and where their copies are put.

FILE --read--> ExternalPage --a pack knows its address--copying--> our WARC
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ingest.archive import Borrowed, Written
from ingest.archive.archive_file import ArchiveFile
from ingest.archive.external.external_page import ExternalPage, RecordCounts
from ingest.archive.external.pages import OTHERS, ExternalReader, FindOriginal
from ingest.archive.external.revisits import Repeated
from ingest.archive.warc.http_message import Answer
from ingest.errors import ArchiveDamaged
from ingest.pipeline.opening import archive_of
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.recover import Adopter, held_answer
from ingest.pipeline.workspace import Run
from ingest.records.archive_folder import ArchiveFolder
from ingest.store import Store
from parsers.errors import AddressUnknown
from parsers.pack_failures import reason_of
from parsers.registry import sources
from parsers.source import Source
from parsers.urls import host_of

log = logging.getLogger(__name__)

Keep = Callable[[ExternalPage], Written]
"""Puts a page that is not held where it is to lie, and says where that is."""

SKEW = timedelta(days=1)
"""How far the clock of whoever made a file may be ahead of ours."""


@dataclass(slots=True)
class FileSeen:
    """What one file holds: ``seen`` counts all its records, and why some were passed over.

    ``pages`` of them are of a source.
    """

    file: str
    pages: int = 0
    damaged: list[str] = field(default_factory=list)
    seen: RecordCounts = field(default_factory=RecordCounts)

    @property
    def others(self) -> int:
        """Answers from addresses that no pack knows."""
        return self.seen.passed_over[OTHERS]

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return {
            "file": self.file,
            "others": self.others,
            "damaged": self.damaged,
            "records": self.seen.records,
            "kinds": dict(sorted(self.seen.kinds.items())),
            "responses": self.seen.kinds["response"],
            "revisits": self.seen.kinds["revisit"],
            "passed_over": dict(sorted(self.seen.passed_over.items())),
            "lost_bytes": self.seen.lost_bytes,
        }


@contextmanager
def copying(run: Run, worker: Worker) -> Iterator[Keep]:
    """Puts pages of a run's source into our archive, once what a killed run left is seen to.

    The source's lock must be held.
    """
    Adopter(run, worker).recover()
    with archive_of(run) as writer:

        def copy(page: ExternalPage) -> Written:
            copied_at = run.workspace.clock.now()
            borrowed = Borrowed(file=page.file, copied_at=copied_at, record_id=page.record_id)
            return writer.copy(page.as_capture(), borrowed)

        yield copy


class Reading:
    """The pages of some files that a source knows; ``damaged`` is called for what cannot be read."""

    def __init__(
        self,
        files: Mapping[ArchiveFile, FileSeen],
        *,
        now: datetime,
        damaged: Callable[[ArchiveFile, ArchiveDamaged], None],
        find_original: FindOriginal,
    ) -> None:
        self._files = files
        self._latest = now + SKEW
        self._damaged = damaged
        self._reader = ExternalReader(
            wanted=lambda url, named: source_of(url, named) is not None, find_original=find_original
        )

    def pages(self) -> Iterator[tuple[ExternalPage, Source]]:
        """Those of one file after the other, each in its order, and their revisits once all are read."""
        for path, looked in self._files.items():
            found = self._reader.pages(path, damaged=partial(self._damaged, path), seen=looked.seen)
            yield from self._timely(found)
        yield from self._timely(self._reader.revisits(tuple(self._files), damaged=self._damaged))

    def _timely(self, pages: Iterable[ExternalPage]) -> Iterator[tuple[ExternalPage, Source]]:
        """A page from the future is damaged."""
        for page in pages:
            source = source_of(page.url, page.source)
            # A capture of the future would win over everything that is seen from now on.
            if page.captured_at > self._latest:
                error = ArchiveDamaged("its WARC-Date lies in the future", page.file, page.offset)
                self._damaged(page.path, error)
            elif source is not None:
                yield page, source


def held_by(store: Store, folder: ArchiveFolder) -> FindOriginal:
    """What our own archive holds, for the revisits of others that repeat it."""

    def held(repeated: Repeated) -> Answer | None:
        known = source_of(repeated.url)
        # A mirror's address does not name the source.
        for source in (known,) if known is not None else sources():
            if (answer := held_answer(store, source.name, folder, repeated)) is not None:
                return answer
        return None

    return held


def source_of(url: str, named: str | None = None) -> Source | None:
    """The source that knows the address as one of its pages', if there is one.

    ``named``: a file of our own says whose pages it holds; then they may be from a mirror.
    """
    return next((source for source in sources() if _knows(source, url, named)), None)


def _knows(source: Source, url: str, named: str | None) -> bool:
    try:
        if host_of(url) not in source.hosts and source.name != named:
            return False
        source.address_of(url)
    except (AddressUnknown, ValueError):
        return False
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a pack may call sys.exit, or raise what is no Exception
        _warn_once(source.name, error)
        return False
    return True


_warned: set[str] = set()


def _warn_once(source: str, error: BaseException) -> None:
    """A bug of a pack strikes at each address of a file: it is named once a process."""
    if source not in _warned:
        _warned.add(source)
        log.warning("the pack %r fails at addresses, which are passed over: %s", source, reason_of(error))
