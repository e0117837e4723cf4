"""Several limited processes parse pages at a time; what they say comes in the order of the entries."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ingest.archive.external.external_page import ExternalPage
from ingest.errors import ArchiveDamaged
from ingest.pipeline.parse.entry import Entry
from ingest.pipeline.parse.parse_input import of_capture
from ingest.pipeline.parse.worker import Workers
from parsers.errors import ThresherError
from parsers.records import ParsedPage

log = logging.getLogger(__name__)

AHEAD = 3
"""Pages a process may be ahead of the writer: what bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """An entry and its parsed page, or the error that prevented it; ``page`` is None if it is gone."""

    entry: Entry
    page: ExternalPage | None
    said: ParsedPage | Exception


class Parsers:
    """A context manager: ``number`` workers and as many threads that wait for them."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._workers = Workers(number)
        self._threads = ThreadPoolExecutor(max_workers=number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._workers.close()

    def read(self, entries: Iterable[Entry]) -> Iterator[Parsed]:
        """What each page says; never more than a few are under way or waiting to be taken."""
        under_way: deque[Future[Parsed]] = deque()
        for entry in entries:
            under_way.append(self._threads.submit(self._read, entry))
            # In the order of the entries: what is held depends on it.
            if len(under_way) >= AHEAD * self._number:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _read(self, entry: Entry) -> Parsed:
        try:
            page = entry.page()
        except ArchiveDamaged as error:
            return Parsed(entry=entry, page=None, said=error)
        return Parsed(entry=entry, page=page, said=self._parsed(entry, page))

    def _parsed(self, entry: Entry, page: ExternalPage) -> ParsedPage | Exception:
        try:
            return self._workers.parse(of_capture(entry.source, page.as_capture(), url=page.url))
        except ThresherError as error:
            return error
        # As a value: one page must not end the run of all others.
        except Exception as bug:
            log.exception("a bug in thresher failed %s", entry.url)
            return bug
