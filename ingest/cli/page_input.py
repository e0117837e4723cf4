"""A page as an operator names it: a capture's id, a file, or an address that is fetched now."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import click

from ingest.cli.session import Session
from ingest.errors import ConfigurationError
from ingest.fetch import Limits
from ingest.pipeline.parse.parse_input import of_capture, of_file, of_stored
from ingest.pipeline.workspace import fetcher_for
from ingest.records.capture import Capture
from ingest.records.parse_input import ParseInput
from parsers.errors import AddressUnknown
from parsers.registry import sources
from parsers.source import Source
from parsers.urls import host_of


def page_named(
    session: Session, what: str, *, source: Source | None, url: str | None, content_type: str | None
) -> ParseInput:
    """The page; digits alone are a capture's id unless a file is called so.

    Raises:
        ConfigurationError: there is no such page, or no source knows it.
        FetchError: an address gave no page.
    """
    # First: a file may be called "12".
    if _is_file(what):
        if source is None:
            raise click.UsageError("a file does not say whose page it is: name its --source")
        return of_file(Path(what), source.name, url=url or "", content_type=content_type)
    if url is not None or content_type is not None:
        raise click.UsageError("--url and --content-type are for a file; others know theirs")
    if what.isascii() and what.isdigit():
        return _of_id(session, int(what), source)
    if "://" in what:
        return _of_address(session, what, source)
    raise click.UsageError(f"{what!r} is no file, no capture's id and no address")


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except (OSError, ValueError):
        return False  # too long for a name, or with a NUL in it


def _of_id(session: Session, capture_id: int, source: Source | None) -> ParseInput:
    with session.reading() as store:
        stored = store.captures.one(capture_id)
    if stored is None:
        raise ConfigurationError(f"no capture {capture_id} is held")
    row = stored.row
    if source is not None and source.name != row.source:
        raise ConfigurationError(f"capture {capture_id} is of {row.source}, not of {source.name}")
    return of_stored(stored, session.settings.archive)


def _of_address(session: Session, url: str, source: Source | None) -> ParseInput:
    known = source or _source_of(session, url)
    known.address_of(url)
    capture = asyncio.run(_fetched(session, known, url))
    return of_capture(known.name, capture, url=url)


async def _fetched(session: Session, source: Source, url: str) -> Capture:
    chosen = session.settings.source(source.name)
    async with fetcher_for(source, chosen, session.settings, session.clock, Limits()) as fetcher:
        return await fetcher.fetch(url)


def _source_of(session: Session, url: str) -> Source:
    for source in sources():
        # A mirror's address is of the source that it was named for.
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
