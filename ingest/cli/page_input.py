"""A page as an operator names it: a capture's id, a file, or an address that is fetched now."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from ingest.archive import read_stored
from ingest.cli.session import Session
from ingest.errors import ConfigurationError, StatusUnexpected
from ingest.fetch import Limits
from ingest.pipeline.workspace import fetcher_for
from ingest.records.capture import Capture
from parsers.errors import AddressUnknown
from parsers.registry import sources
from parsers.source import Source
from parsers.urls import host_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPage:
    """A page's bytes, and what is known of where they are from."""

    source: str
    body: bytes
    url: str
    captured_at: datetime
    content_type: str | None


def page_named(
    session: Session, what: str, *, source: Source | None, url: str | None, content_type: str | None
) -> NamedPage:
    """The page; digits alone are a capture's id unless a file is called so.

    Raises:
        ConfigurationError: there is no such page, or no source knows it.
        FetchError: an address gave no page.
    """
    if _is_file(what):
        if source is None:
            raise click.UsageError("a file does not say whose page it is: name its --source")
        return _of_file(Path(what), source, url or "", content_type)
    if url is not None or content_type is not None:
        raise click.UsageError("--url and --content-type are for a file; others know theirs")
    if what.isascii() and what.isdigit():
        return _of_capture(session, int(what), source)
    if "://" in what:
        return _of_address(session, what, source)
    raise click.UsageError(f"{what!r} is no file, no capture's id and no address")


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except (OSError, ValueError):
        return False  # too long for a name, or with a NUL in it


def _of_file(path: Path, source: Source, url: str, content_type: str | None) -> NamedPage:
    try:
        body, saved = path.read_bytes(), path.stat().st_mtime
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc.strerror}") from exc
    return NamedPage(
        source=source.name,
        body=body,
        url=url,
        captured_at=datetime.fromtimestamp(int(saved), UTC),
        content_type=content_type,
    )


def _of_capture(session: Session, capture_id: int, source: Source | None) -> NamedPage:
    with session.reading() as store:
        stored = store.captures.one(capture_id)
    if stored is None:
        raise ConfigurationError(f"no capture {capture_id} is held")
    row = stored.row
    if source is not None and source.name != row.source:
        raise ConfigurationError(f"capture {capture_id} is of {row.source}, not of {source.name}")
    return NamedPage(
        source=row.source,
        body=read_stored(session.settings.archive, stored),
        url=row.url,
        captured_at=row.captured_at,
        content_type=row.content_type,
    )


def _of_address(session: Session, url: str, source: Source | None) -> NamedPage:
    known = source or _source_of(session, url)
    known.address_of(url)
    capture = asyncio.run(_fetched(session, known, url))
    if capture.status != 200:
        raise StatusUnexpected(capture.status, url)
    return NamedPage(
        source=known.name,
        body=capture.body,
        url=url,
        captured_at=capture.captured_at,
        content_type=capture.header("content-type"),
    )


async def _fetched(session: Session, source: Source, url: str) -> Capture:
    chosen = session.settings.source(source.name)
    async with fetcher_for(source, chosen, session.settings, session.clock, Limits()) as fetcher:
        return await fetcher.fetch(url)


def _source_of(session: Session, url: str) -> Source:
    for source in sources():
        mirror = session.settings.source(source.name).base_url
        if mirror is not None and urlsplit(url).netloc.lower() == urlsplit(mirror).netloc.lower():
            return source
        if host_of(url) in source.hosts and _knows(source, url):
            return source
    raise ConfigurationError(f"no source knows {url}: name its --source")


def _knows(source: Source, url: str) -> bool:
    try:
        source.address_of(url)
    except AddressUnknown:
        return False
    return True
