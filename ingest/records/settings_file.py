"""The tables of the settings file: the keys of each, what may stand there, and what it is for.

The environment's variables come over the keys of the file; pydantic checks both.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.errors import ConfigurationError
from ingest.records.budget import Budget
from ingest.records.chosen import ENVIRONMENT, LAST_PORT, LONGEST_DELAY, Chosen, Runner, SourceSettings
from parsers.engines.sites import site_named
from parsers.errors import SourceUnknown
from parsers.registry import failures, installed, source_named
from parsers.source import Site
from schedules.fleet_table import FleetTable
from schedules.toml_table import Model, Problem, TomlTable, read_table

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
Ids = list[int | str]


def _header(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("it cannot stand in a header: use printable ASCII")
    return text


Contact = Annotated[str, AfterValidator(_header)]
Delay = Annotated[
    float | None,
    Field(ge=0, le=LONGEST_DELAY, allow_inf_nan=False, description="Seconds between two requests."),
]


class SettingsFile(BaseSettings):
    """The keys outside of any table, over which the environment's variables come."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT, env_ignore_empty=True, strict=True, extra="forbid", frozen=True
    )

    database: str | None = Field(
        None,
        description="A SQLite file, sqlite:///path or postgresql://…; by default in the user's data folder.",
    )
    archive: str | None = Field(
        None, description="A folder, or s3://bucket/prefix; by default in the user's data folder."
    )
    spool: str | None = Field(
        None,
        description="Where files of an archive in a bucket are begun; by default in the user's state folder.",
    )
    contact: Contact | None = Field(
        None,
        description="An address of whoever runs it, which is sent to the sites; by default account and host.",
    )
    schedules: str | None = Field(
        None, description="A folder of schedules files; by default that beside the file."
    )
    runner: Runner = Field("local", description="Who does what commands ask for.")
    sources: dict[str, dict[str, object]] = Field(
        default_factory=dict, description="A table for each source."
    )
    watch: dict[str, object] = Field(default_factory=dict, description="The table of thresher watch.")
    fleet: dict[str, object] = Field(default_factory=dict, description="The table of thresher worker.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, over what the file says."""
        return env_settings, init_settings


class BudgetTable(TomlTable):
    """What any source may be asked for."""

    pages_per_visit: int | None = Field(None, ge=1, description="The most pages that one run asks for.")
    pages_per_day: int | None = Field(None, ge=1, description="The most of all runs on a day of its zone.")
    bytes_per_day: int | None = Field(None, ge=1, description="The most that all runs receive on such a day.")


class SourceTable(BudgetTable):
    """A source that is installed."""

    base_url: str | None = Field(None, description="Another root than the site's own, such as a mirror's.")
    delay: Delay = None


class SiteTable(BudgetTable):
    """A site of a common kind of software: without ``engine`` the table is one of an installed source."""

    engine: str = Field(description="Its software: wordpress, discourse or xenforo.")
    base_url: str = Field(description="The root of the site.")
    zone: str = Field(description="The time zone of its days, such as Europe/Berlin.")
    delay: Delay = None
    forums: Ids = Field(default_factory=list, description="Of XenForo: the forums, by id or address.")
    categories: Ids = Field(
        default_factory=list, description="Of WordPress (ids) and Discourse: these alone."
    )
    rest_route: bool = Field(False, description="Of WordPress: its interface is asked by ?rest_route=.")
    html: bool = Field(False, description="Of WordPress: the pages for people, as its interface is closed.")
    plain_urls: bool = Field(False, description="Of WordPress and XenForo: addresses are not pretty.")


class WatchTable(TomlTable):
    """What ``watch`` serves."""

    port: int | None = Field(
        None, ge=0, le=LAST_PORT, description="Where its pages are served; without it, none are."
    )


def read_tables(table: Mapping[str, object], path: Path) -> Chosen:
    """What the tables and the environment choose.

    Raises:
        ConfigurationError: a key or a value is invalid.
    """
    chosen = _checked(SettingsFile, table, str(path))
    tables = chosen.sources.items()
    return Chosen(
        database=chosen.database,
        archive=chosen.archive,
        spool=chosen.spool,
        contact=chosen.contact,
        schedules=chosen.schedules,
        port=_checked(WatchTable, chosen.watch, f"{path}: [watch]").port,
        runner=chosen.runner,
        fleet=_checked(FleetTable, chosen.fleet, f"{path}: [fleet]").settings,
        sources={name: _source(name, one, str(path)) for name, one in tables if "engine" not in one},
        sites=tuple(site_of(name, one, str(path)) for name, one in tables if "engine" in one),
        budgets={name: _budget(one) for name, one in tables},  # checked above, each by its own model
    )


def _checked(model: type[Model], table: Mapping[str, object], where: str) -> Model:
    checked = read_table(model, table)
    if not isinstance(checked, Problem):
        return checked
    if not checked.key:
        raise ConfigurationError(f"the environment: {checked.why}")  # such as THRESHER_SOURCES='{'
    variable = f"{ENVIRONMENT}{checked.key.upper()}"
    named = variable if model is SettingsFile and os.environ.get(variable) else where
    raise ConfigurationError(f"{named}: {checked.key} is {checked.value!r}: {checked.why}")


def _source(name: str, table: Mapping[str, object], path: str) -> SourceSettings:
    where = f"{path}: [sources.{name}]"
    try:
        source_named(name)
    except SourceUnknown as exc:
        # It may be the source of a pack that cannot be used, which must not stop the others.
        if not failures():
            raise ConfigurationError(f"{where}: {exc}") from exc
    checked = _checked(SourceTable, table, where)
    return SourceSettings(base_url=checked.base_url, delay=checked.delay)


def _budget(table: Mapping[str, object]) -> Budget:
    limits = BudgetTable.model_validate({name: table.get(name) for name in BudgetTable.model_fields})
    return Budget(**limits.model_dump())


def site_of(name: str, table: Mapping[str, object], path: str) -> Site:
    """The site of a table; raises ConfigurationError, which names ``path``, if a value is invalid."""
    where = f"{path}: [sources.{name}]"
    checked = _checked(SiteTable, table, where)
    if not NAME.fullmatch(name) or name == "default":  # default.toml has the schedules of all without any
        raise ConfigurationError(f"{where}: a source is named by a-z, 0-9 and -, and not default")
    if name in {source.name for source in installed().sources}:
        raise ConfigurationError(f"{where}: there is an installed source of that name")
    try:
        return site_named(name, **checked.model_dump(exclude=set(BudgetTable.model_fields)))
    except ValueError as exc:
        raise ConfigurationError(f"{where}: {exc}") from exc
