"""Where a page to parse is from: an answer just received, a kept capture, or a file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ConfigurationError, StatusUnexpected
from ingest.records.parse_input import ParseInput
from parsers.registry import source_named

if TYPE_CHECKING:
    from ingest.records.archive_folder import ArchiveFolder
    from ingest.records.capture import Capture
    from ingest.records.pages import StoredCapture


def of_capture(source: str, capture: "Capture", *, url: str) -> ParseInput:
    """An answer as it was received. ``url`` was asked for: another day's page must not pass for this one.

    Raises:
        StatusUnexpected: the answer is no page.
    """
    # The archive is imported by those that read it: `thresher parse` reads a file.
    from ingest.records.capture import header_values

    if not source_named(source).reads(capture.status):
        raise StatusUnexpected(capture.status, url)
    return ParseInput(
        source=source,
        body=capture.body,
        url=url,
        captured_at=capture.captured_at,
        content_type=capture.header("content-type"),
        headers=header_values(capture.response_headers),
    )


def of_stored(stored: "StoredCapture", folder: "ArchiveFolder") -> ParseInput:
    """A capture, read out of the archive again.

    Raises:
        StoreUnusable: the archive does not have its record.
    """
    from ingest.archive import read_headers, read_stored

    row = stored.row
    # Only pages of lists have a total in a header: others need not be opened twice.
    listed = source_named(row.source).lists is not None
    return ParseInput(
        source=row.source,
        body=read_stored(folder, stored),
        url=row.url,
        captured_at=row.captured_at,
        content_type=row.content_type,
        headers=read_headers(folder, row) if listed else {},
    )


def of_file(
    path: Path, source: str, *, url: str, content_type: str | None, headers: Mapping[str, str] | None = None
) -> ParseInput:
    """A page that somebody saved, captured when the file was written; ``headers`` have small letters.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        body, saved = path.read_bytes(), path.stat().st_mtime
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc.strerror}") from exc
    return ParseInput(
        source=source,
        body=body,
        url=url,
        captured_at=datetime.fromtimestamp(int(saved), UTC),
        content_type=content_type,
        headers=headers or {},
    )
