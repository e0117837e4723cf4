"""One page as a parser needs it, wherever it is from; a parsing process imports it and the parsers alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseInput:
    """One page to parse, see ``Source.parse``. ``headers`` are needed for sources with ``lists`` alone."""

    source: str
    body: bytes
    url: str
    captured_at: datetime
    content_type: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
