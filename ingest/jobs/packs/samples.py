"""A source's fixtures as it is given them, and what it says of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.errors import ConfigurationError
from parsers.errors import ThresherError
from parsers.records import ParsedPage
from parsers.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One fixture as the source is given it, and what the source says of it."""

    name: str
    body: bytes
    url: str
    captured_at: datetime
    headers: Mapping[str, str]
    page: ParsedPage

    def read(self, source: Source, body: bytes | None = None, url: str | None = None) -> ParsedPage | None:
        """What the source says, of another body or address in their place; None if it refuses them."""
        return _parsed(
            source,
            self.body if body is None else body,
            self.url if url is None else url,
            self.captured_at,
            self.headers,
        )


def read_samples(source: Source, root: Path) -> list[Sample]:
    """The fixtures that the source reads: its own, or its engine's. Raises ConfigurationError if none."""
    folder = root / source.name
    if not folder.is_dir() and source.site is not None:
        folder = root / "engines" / source.site.engine
    found = [sample for meta in sorted(folder.glob("*/meta.json")) if (sample := _sample(source, meta))]
    if not found:
        raise ConfigurationError(f"no fixture below {folder} is read by {source.name}")
    return found


def _sample(source: Source, meta: Path) -> Sample | None:
    said = json.loads(meta.read_text("utf-8"))
    headers = {str(name).lower(): str(value) for name, value in said.get("headers", {}).items()}
    if said.get("content_type"):
        headers["content-type"] = said["content_type"]
    pages = sorted(meta.parent.glob("page.*"))
    if len(pages) != 1:
        raise ConfigurationError(f"{meta.parent} is not a fixture: {len(pages)} files are named page")
    moment = said.get("captured_at")
    captured_at = datetime.fromisoformat(moment or "2026-01-01T00:00:00+00:00")
    body, url = pages[0].read_bytes(), said.get("url") or ""
    page = _parsed(source, body, url, captured_at, headers)
    if page is None:
        return None
    return Sample(
        name=meta.parent.name, body=body, url=url, captured_at=captured_at, headers=headers, page=page
    )


def _parsed(
    source: Source, body: bytes, url: str, captured_at: datetime, headers: Mapping[str, str]
) -> ParsedPage | None:
    try:
        return source.parse(
            body, url=url, captured_at=captured_at, content_type=headers.get("content-type"), headers=headers
        )
    except ThresherError:
        return None
