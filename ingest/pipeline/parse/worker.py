"""Parses pages in a process with limits: a crafted page costs itself, never the run."""

from typing import Protocol

from ingest.pipeline.parse.limited_process import Answered, WorkerLimits
from ingest.pipeline.parse.pool import Pool
from ingest.records.parse_input import ParseInput
from parsers.records import ParsedPage, packed, unpacked
from parsers.registry import source_named


class PageParser(Protocol):
    """Whatever parses pages: a ``Worker``."""

    def parse(self, page: ParseInput) -> ParsedPage:
        """What the page says; raises as ``Source.parse``, or WorkerFailed."""
        ...


class Worker(Pool[ParseInput, bytes]):
    """A context manager: up to ``number`` processes that parse; after a failure a fresh one is begun.

    ``may_fork`` is for a command that has no database open, which would be copied as it is.
    """

    def __init__(
        self, limits: WorkerLimits | None = None, *, number: int = 1, may_fork: bool = False
    ) -> None:
        super().__init__(answer_of, number, limits=limits, may_fork=may_fork)

    def parse(self, page: ParseInput) -> ParsedPage:
        """What the page says.

        Raises:
            ParseError, AddressUnknown: see ``Source.parse``.
            WorkerFailed: the page took too long or too much memory, or ended the process.
        """
        (answer,) = self.ask((page,))
        if isinstance(answer, Answered):
            return unpacked(answer.value)
        raise answer


def answer_of(page: ParseInput) -> bytes:
    """What the page says, packed for the way back."""
    return packed(parsed(page))


def parsed(page: ParseInput) -> ParsedPage:
    """What the page says; for a process that may be lost."""
    return source_named(page.source).parse(
        page.body,
        url=page.url,
        captured_at=page.captured_at,
        content_type=page.content_type,
        headers=page.headers,
    )
