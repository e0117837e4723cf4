"""Parses pages in a process with limits: a crafted page costs itself, never the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from ingest.pipeline.parse.limited_process import Answered, LimitedProcess, WorkerLimits
from parsers.records import ParsedPage
from parsers.registry import source_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One page to parse, see ``Source.parse``. ``headers`` are needed for sources with ``lists`` alone."""

    source: str
    body: bytes
    url: str
    captured_at: datetime
    content_type: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


class Worker:
    """A context manager; after a failure the next page gets a fresh process."""

    def __init__(self, limits: WorkerLimits | None = None) -> None:
        self._process: LimitedProcess[Question, ParsedPage] = LimitedProcess(parsed, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)

    def parse(self, question: Question) -> ParsedPage:
        """What the page says.

        Raises:
            ParseError, AddressUnknown: see ``Source.parse``.
            WorkerFailed: the page took too long or too much memory, or ended the process.
        """
        (answer,) = self._process.ask((question,))
        if isinstance(answer, Answered):
            return answer.value
        raise answer


def parsed(question: Question) -> ParsedPage:
    """What the page says; for a process that may be lost."""
    return source_named(question.source).parse(
        question.body,
        url=question.url,
        captured_at=question.captured_at,
        content_type=question.content_type,
        headers=question.headers,
    )
