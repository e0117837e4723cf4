"""``thresher source``: the sources there are, and those of one's own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click

from ingest.cli.output.tables import table
from ingest.cli.session import FOLDER, SOURCE, Session, json_option, pass_session
from ingest.errors import ConfigurationError, DatabaseMissing
from ingest.jobs.packs.conformance import Verdict, check_source
from ingest.jobs.packs.fixtures import default_folder
from ingest.jobs.packs.scaffold import new_source
from ingest.jobs.settings_file import add_site, require_free, table_of
from ingest.jobs.sites import look_at
from ingest.records.chosen import LONGEST_DELAY
from ingest.records.json_output import instant
from ingest.records.pages import SourceStatus
from ingest.records.settings_file import site_of
from ingest.settings import DEFAULT_DELAY
from parsers.engines.sites import ENGINES
from parsers.registry import failures, sources
from parsers.source import Source

OWN = "own"
"""What stands in an engine's place for a pack of its own."""

UNSEEN = "(cannot be seen: {})"
"""A damage that a source cannot notice."""

UNREAD = "UTC"
"""Stands in the zone's place until the site or the operator names it."""


@click.group()
@click.pass_context
def source(context: click.Context) -> None:
    """Sources: installed packs, and sites of a common kind of software."""
    named = context.parent.params.get("config") if context.parent is not None else None
    # "source add" makes the file; for all others a missing one is a mistake.
    if context.invoked_subcommand != add.name and named is not None and not named.exists():
        raise ConfigurationError(f"{named} is not there")


@source.command()
@click.argument("name")
@click.option("--base-url", required=True, metavar="URL", help="The site's root.")
@click.option("--output", type=FOLDER, default=".", show_default=True, help="The folder it is put into.")
@json_option
@pass_session
def new(session: Session, name: str, base_url: str, output: Path) -> None:
    """Write a distribution with a pack for the source NAME, its entry point, a fixture and tests.

    Example: thresher source new pond --base-url https://pond.example
    """
    folder = new_source(name, base_url=base_url, output=output)
    if session.as_json:
        session.print_json({"source": name, "folder": str(folder)})
    else:
        session.out.print(str(folder), markup=False, soft_wrap=True)
    session.say(
        f"next: pip install -e {folder}, then: thresher fixture check --fixtures {folder / 'fixtures'}"
    )


@source.command()
@click.argument("name")
@click.option("--engine", required=True, type=click.Choice(sorted(ENGINES)), help="The site's software.")
@click.option("--base-url", required=True, metavar="URL", help="The site's root.")
@click.option("--zone", metavar="ZONE", help="The site's time zone, where it does not say it itself.")
@click.option(
    "--delay",
    type=click.FloatRange(0, LONGEST_DELAY),
    default=DEFAULT_DELAY,
    show_default=True,
    help="Seconds between two requests.",
)
@click.option(
    "--forum",
    "forums",
    multiple=True,
    metavar="FORUM",
    help="A forum's id or address, once for each, where a site has a listing for each.",
)
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="CATEGORY",
    help="A category's id or address, once for each, where not the whole site is wanted.",
)
@json_option
@pass_session
def add(
    session: Session,
    *,
    name: str,
    engine: str,
    base_url: str,
    zone: str | None,
    delay: float,
    forums: tuple[str, ...],
    categories: tuple[str, ...],
) -> None:
    """Look at a site, and write it into the settings file as the source NAME.

    Example: thresher source add pond --engine wordpress --base-url https://pond.example
    """
    settings = session.settings
    file = settings.file
    if file is None:
        raise ConfigurationError("there is no settings file: name one with --config")
    require_free(file, name)
    wanted: dict[str, object] = {"engine": engine, "base_url": base_url, "zone": zone or UNREAD}
    places = {"forums": list(forums), "categories": list(categories)}
    site = site_of(name, {**wanted, "delay": delay, **places}, str(file))
    found = asyncio.run(look_at(site, zone=zone, settings=settings, clock=session.clock))
    add_site(file, found)
    if session.as_json:
        session.print_json({"source": name, "file": str(file), "settings": table_of(found)})
    else:
        session.out.print(
            f"{name}: {engine}, {found.zone}, written into {file}", markup=False, soft_wrap=True
        )
    session.say(f"next: thresher harvest {name}")


@source.command()
@click.argument("checked", metavar="SOURCE", type=SOURCE)
@click.option(
    "--fixtures", "root", type=FOLDER, default=default_folder, help="Folder of the source's fixtures."
)
@json_option
@pass_session
def check(session: Session, checked: Source, root: Path) -> None:
    """Try on its fixtures what every source has to keep: purity, addresses, proofs and the like.

    Example: thresher source check rantburg
    """
    verdicts = check_source(checked, root)
    broken = any(one.problems for one in verdicts)
    if session.as_json:
        checks = [
            {
                "check": one.check,
                "tried": one.tried,
                "problems": list(one.problems),
                "unseen": list(one.unseen),
            }
            for one in verdicts
        ]
        session.print_json({"source": checked.name, "kept": not broken, "checks": checks})
    else:
        rows = [
            (one.check, one.tried, _result(one), "; ".join((*one.problems, *map(UNSEEN.format, one.unseen))))
            for one in verdicts
        ]
        session.out.print(table("check", "#cases", "", "what breaks it", rows=rows))
    click.get_current_context().exit(1 if broken else 0)


def _result(verdict: Verdict) -> str:
    if verdict.problems:
        return "BROKEN"
    return "kept" if verdict.tried else "no case"


@source.command("list")
@json_option
@pass_session
def list_sources(session: Session) -> None:
    """List all sources with their engine, and how far they are harvested.

    Example: thresher source list
    """
    known = _standing(session)
    if session.as_json:
        found: dict[str, object] = {
            "sources": [_source_json(each, known.get(each.name)) for each in sources()],
            "failures": [
                {"name": each.name, "value": each.value, "reason": each.reason} for each in failures()
            ],
        }
        session.print_json(found)
        return
    rows = [
        *(_row(each, known.get(each.name)) for each in sources()),
        *((each.name, "unusable", "-", "-", "-", each.reason) for each in failures()),
    ]
    columns = ("source", "engine", "base URL", "zone", "days", "last success")
    session.out.print(table(*columns, rows=rows))


def _standing(session: Session) -> Mapping[str, SourceStatus]:
    try:
        with session.reading() as store:
            return {each.source: each for each in store.runs.status(now=session.clock.now())}
    except DatabaseMissing:
        return {}


def _row(source: Source, status: SourceStatus | None) -> tuple[str, ...]:
    days = "  ".join(f"{state} {number}" for state, number in sorted(status.pages.items())) if status else ""
    return (source.name, _engine(source), source.base_url, source.zone, days or "-", _success(status) or "-")


def _source_json(source: Source, status: SourceStatus | None) -> dict[str, object]:
    return {
        "source": source.name,
        "engine": _engine(source),
        "base_url": source.base_url,
        "zone": source.zone,
        "pages": dict(status.pages) if status is not None else {},
        "last_success": _success(status),
    }


def _engine(source: Source) -> str:
    return source.site.engine if source.site is not None else OWN


def _success(status: SourceStatus | None) -> str | None:
    last = status.last_success if status is not None else None
    return instant(last.started_at) if last is not None else None
