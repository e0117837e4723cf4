"""``thresher doctor``: can it work here, and is anything known to be bad?"""

import asyncio
import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import click

from ingest.archive.archive_file import local_folder, require_archive
from ingest.cli.output.clock import wrong_words
from ingest.cli.output.tables import table
from ingest.cli.session import Session, json_option, pass_session
from ingest.errors import DatabaseMissing, SchemaOutdated
from ingest.fetch import Limits
from ingest.pipeline.workspace import fetcher_for
from ingest.records.archive_folder import ArchiveFolder, ObjectFolder
from parsers.errors import ThresherError
from parsers.registry import failures, sources
from parsers.source import Source

Finding = Literal["ok", "warning", "failed"]

LIBRARIES = ("alembic", "click", "fastwarc", "httpx", "protego", "selectolax", "sqlalchemy", "tenacity")
GIBIBYTE = 1024**3
LEAST_FREE = 2 * GIBIBYTE
WAL_RESET_SINCE = (3, 7, 0)
WAL_RESET_FIXED = (3, 51, 3)
WAL_RESET_BACKPORTED = {(3, 50): 7, (3, 44): 6}
"""SQLite's WAL-reset bug can corrupt a database with two connections; fixed in these releases too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked."""

    name: str
    finding: Finding
    words: str


@click.command()
@click.option("--no-network", is_flag=True, help="Do not ask the sources for their robots.txt.")
@json_option
@pass_session
def doctor(session: Session, no_network: bool) -> None:
    """Look at what thresher needs; exit code 1 if something does not work.

    Example: thresher doctor
    """
    checks = [*_local(session), *([] if no_network else _robots(session))]
    if session.as_json:
        session.print_json({"checks": [asdict(check) for check in checks]})
    else:
        rows = [(check.finding, check.name, check.words) for check in checks]
        session.out.print(table("finding", "check", "words", rows=rows))
    click.get_current_context().exit(1 if any(check.finding == "failed" for check in checks) else 0)


def _local(session: Session) -> Iterator[Check]:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield Check(name="versions", finding="ok", words=f"thresher {version('thresher')}, {libraries}")
    yield Check(name="python", finding="ok", words=f"{platform.python_version()} on {platform.platform()}")
    yield sqlite_check(sqlite3.sqlite_version_info)
    yield from _database(session)
    yield _archive(session.settings.archive)
    yield _disk(local_folder(session.settings.archive))
    named = ", ".join(source.name for source in sources())
    yield Check(name="sources", finding="ok", words=named)
    for failure in failures():
        yield Check(name=f"pack {failure.name}", finding="failed", words=str(failure))
    yield _contact(session)


def sqlite_check(found: tuple[int, ...]) -> Check:
    """Whether this SQLite has the WAL-reset bug."""
    words = f"SQLite {'.'.join(map(str, found))}"
    backport = WAL_RESET_BACKPORTED.get((found[0], found[1]))
    fixed = found >= WAL_RESET_FIXED or (backport is not None and found[2] >= backport)
    if fixed or found < WAL_RESET_SINCE:
        return Check(name="sqlite", finding="ok", words=words)
    advice = "its WAL-reset bug can corrupt a database: use 3.51.3 or newer, and one thresher at a time"
    return Check(name="sqlite", finding="warning", words=f"{words}: {advice}")


def _database(session: Session) -> Iterator[Check]:
    now = session.clock.now()
    try:
        with session.reading() as store:
            yield Check(name="database", finding="ok", words=f"{store.address}, schema {store.revision()}")
            wrong = wrong_words(store.moments.ahead(now=now), store.moments.early(), now)
    except (DatabaseMissing, SchemaOutdated) as error:
        # What writes makes it, or upgrades it.
        yield Check(name="database", finding="warning", words=str(error))
        wrong = []
    except ThresherError as error:
        yield Check(name="database", finding="failed", words=str(error))
        return
    for words in wrong:
        yield Check(name="clock", finding="failed", words=words)
    if not wrong:
        yield Check(name="clock", finding="ok", words=f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _archive(folder: ArchiveFolder) -> Check:
    if isinstance(folder, ObjectFolder):
        return _store(folder)
    place = _nearest(folder)
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return Check(name="archive", finding="failed", words=f"{folder} cannot be written")
    there = "" if place == folder else ": not there yet, it can be made"
    return Check(name="archive", finding="ok", words=f"{folder}{there}")


def _store(folder: ObjectFolder) -> Check:
    try:
        require_archive(folder)
    except ThresherError as error:
        return Check(name="archive", finding="failed", words=str(error))
    return Check(name="archive", finding="ok", words=f"{folder}, by way of {folder.spool}")


def _nearest(folder: Path) -> Path:
    # Of a folder that is not there yet, the one that it would be made in.
    return next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))


def _disk(folder: Path) -> Check:
    place = _nearest(folder)
    free = shutil.disk_usage(place).free
    finding: Finding = "ok" if free >= LEAST_FREE else "warning"
    return Check(name="disk", finding=finding, words=f"{free / GIBIBYTE:.1f} GiB free at {place}")


def _contact(session: Session) -> Check:
    words = session.settings.user_agent
    if session.settings.contact is not None:
        return Check(name="contact", finding="ok", words=words)
    advice = "set THRESHER_CONTACT, so that sites can reach you"
    return Check(name="contact", finding="warning", words=f"{words}: {advice}")


def _robots(session: Session) -> Iterator[Check]:
    for source in sources():
        yield asyncio.run(_robots_of(session, source))


async def _robots_of(session: Session, source: Source) -> Check:
    name = source.name
    chosen = session.settings.source(name)
    # An operator waits for the answer: no retries.
    limits = Limits(attempts=1, deadline=15.0)
    try:
        async with fetcher_for(source, chosen, session.settings, session.clock, limits) as fetcher:
            allowed = await fetcher.may_fetch(chosen.base_url or source.base_url)
    except ThresherError as error:
        return Check(name=f"robots of {name}", finding="failed", words=str(error))
    if allowed:
        return Check(name=f"robots of {name}", finding="ok", words="its pages may be fetched")
    return Check(name=f"robots of {name}", finding="failed", words="its pages may not be fetched")
