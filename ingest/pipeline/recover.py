"""Captures that lie in the archive and have no row: what a killed run left, what was imported.

capture in the archive --parse--> ParsedPage --load--> rows, in the way of a re-parse; no request
"""

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial

from ingest.archive import Written, payload_sha1, place_of
from ingest.archive.check import final_name
from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import read_pages
from ingest.archive.external.revisits import Repeated
from ingest.archive.reader import read_answer_at
from ingest.archive.recovery import Left, left_open, recovering
from ingest.archive.spool import upload_sealed
from ingest.archive.warc.http_message import Answer
from ingest.errors import ArchiveDamaged, CouldNotRun
from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.load import failure_of, is_unreadable
from ingest.pipeline.parse.parse_input import of_capture
from ingest.pipeline.parse.worker import PageParser
from ingest.pipeline.rebuild import Rebuilder
from ingest.pipeline.workspace import Run
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.capture import Capture
from ingest.records.pages import CaptureRow
from ingest.store import Store, Transaction
from parsers.errors import ThresherError
from parsers.records import ParsedPage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What recovery did: files sealed, captures adopted, bytes of torn tails cut off."""

    files: int = 0
    adopted: int = 0
    cut: int = 0


class Adopter:
    """Gives kept captures of one source their rows, and loads what they say."""

    def __init__(self, run: Run, worker: PageParser) -> None:
        self._run = run
        self._source = run.source
        self._store = run.workspace.store
        self._folder = run.workspace.settings.archive
        self._worker = worker
        self._rebuilder = Rebuilder(self._source.name, self._folder, worker.parse)

    def adopt(self, capture: Capture, written: Written, *, url: str | None = None) -> bool:
        """Whether it could be read; if not it is in the index all the same, with the reason.

        ``url`` is the address that was asked for; by default the capture's.
        """
        name, asked = self._source.name, url or capture.url
        row = index_row(capture, written, source=name, run_id=self._run.run_id, url=asked)
        try:
            page = self._worker.parse(of_capture(name, capture, url=asked))
            self._run.census.add(page)
            self._store.transact(lambda transaction: self._load(transaction, page, row))
        # A database that is away is no fault of the page.
        except CouldNotRun:
            raise
        except ThresherError as error:
            log.warning("%s", error)
            failed = replace(row, error=str(error))
            self._store.transact(partial(self._put_failure, row=failed, error=error))
            return False
        return True

    def _load(self, transaction: Transaction, page: ParsedPage, row: CaptureRow) -> None:
        # A transaction that is begun again loads all of it again.
        self._rebuilder.drop()
        self._rebuilder.load(transaction, page, row)
        self._rebuilder.finish(transaction)

    def _put_failure(self, transaction: Transaction, row: CaptureRow, error: Exception) -> None:
        capture_id = transaction.captures.add(row)
        if is_unreadable(error):
            failed_at = self._run.workspace.clock.now()
            transaction.captures.put_aside(failure_of(capture_id, row, error, failed_at=failed_at))

    def recover(self) -> Recovery:
        """Seal what killed runs left open, once every capture in it has its row.

        Several runs may recover at once: a file is one's alone. Raises StoreUnusable.
        """
        done = Recovery()
        for done in self.recoveries():  # noqa: B007 - the last is the whole
            pass
        return done

    def recoveries(self) -> Generator[Recovery, None, None]:
        """The same, telling after each capture what was done so far: whoever closes it lets the file be."""
        done = Recovery()
        for path in left_open(self._folder, self._source.name):
            name = final_name(path)
            with recovering(path, verified=partial(self._verified, name)) as left:
                # A live run writes it, or another one has recovered it.
                if left is None:
                    continue
                before, done = done.adopted, replace(done, cut=done.cut + left.cut)
                for _ in self._adopt_all(left, self._store.captures.indexed_offsets(name)):
                    done = replace(done, adopted=done.adopted + 1)
                    yield done
            done = replace(done, files=done.files + 1)
            log.info("%s: adopted %d captures, cut %d bytes", left.name, done.adopted - before, left.cut)
            yield done
        upload_sealed(self._folder)

    def _verified(self, name: str) -> int:
        return max(self._store.captures.indexed_offsets(name), default=0)

    def _adopt_all(self, left: Left, known: frozenset[int]) -> Iterator[None]:
        pages = read_pages(
            left.path,
            # Records are written and indexed in order: up to the last row everything has one.
            start=max(known, default=0),
            damaged=_tell,
            find_original=lambda repeated: held_answer(
                self._store, self._source.name, self._folder, repeated
            ),
        )
        for page in pages:
            # The first of them is the last one that has a row.
            if page.offset not in known:
                self.adopt(page.as_capture(), self.written(left.name, page), url=page.requested_url)
                yield

    def written(self, file: str, page: ExternalPage) -> Written:
        """Where a page lies in a file of ours, and which capture it repeats."""
        digest = payload_sha1(page.answer.wire_body)
        original = (
            self._store.captures.original(self._source.name, page.url, digest) if page.revisit else None
        )
        return Written(
            file=file,
            offset=page.offset,
            length=page.end - page.offset,
            record_id=page.record_id,
            payload_sha1=digest,
            refers_to=original.capture_id if original is not None else None,
        )


def held_answer(store: Store, source: str, folder: ArchiveFolder, repeated: Repeated) -> Answer | None:
    """The answer that a revisit repeats, out of our own archive.

    It is known by its payload's digest; else by its record's id or, where no digest speaks against it, its
    moment.
    """
    original = store.captures.original(source, repeated.url, repeated.digest.removeprefix("sha1:"))
    row = original.row if original is not None else None
    if row is None:
        moment = None if repeated.digest.startswith("sha1:") else repeated.captured_at
        row = store.captures.response(source, repeated.url, repeated.record_id, moment)
    return read_answer_at(folder, place_of(row)) if row is not None else None


def _tell(error: ArchiveDamaged) -> None:
    log.warning("%s", error)
