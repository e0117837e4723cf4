"""A full parse by thresher, as a worker does it."""

from datetime import UTC, datetime
from typing import Any

from ingest.records.json_output import answer_of
from parsers.registry import source_named

CAPTURED_AT = datetime(2026, 1, 1, tzinfo=UTC)
SAID = ("date", "articles", "headlines", "counters")


def parse(body: bytes, url: str) -> Any:
    """The page's articles with their comments, the day's headlines, the site's counters."""
    return source_named("rantburg").parse(body, url=url, captured_at=CAPTURED_AT)


def answer(body: bytes, url: str) -> dict[str, Any]:
    """The same as the truth has it."""
    said: dict[str, Any] = dict(answer_of(parse(body, url)))
    return {name: said[name] for name in SAID}
