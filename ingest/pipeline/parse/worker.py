"""Parses pages in a process with limits: a crafted page costs itself, never the run."""

from types import TracebackType
from typing import Self

from ingest.pipeline.parse.limited_process import Answered, LimitedProcess, WorkerLimits
from ingest.records.parse_input import ParseInput
from parsers.records import ParsedPage, packed, unpacked
from parsers.registry import source_named


class Worker:
    """A context manager; after a failure the next page gets a fresh process."""

    def __init__(self, limits: WorkerLimits | None = None) -> None:
        self._process: LimitedProcess[ParseInput, bytes] = LimitedProcess(answer_of, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)

    def parse(self, page: ParseInput) -> ParsedPage:
        """What the page says.

        Raises:
            ParseError, AddressUnknown: see ``Source.parse``.
            WorkerFailed: the page took too long or too much memory, or ended the process.
        """
        (answer,) = self._process.ask((page,))
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
