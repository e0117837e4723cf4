"""The tables of the settings file, and the environment over them, checked by pydantic."""

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


def _header(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("it cannot stand in a header: use printable ASCII")
    return text


class _SettingsFile(BaseSettings):
    """The keys of the file, over which the environment's variables come."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT, env_ignore_empty=True, strict=True, extra="forbid", frozen=True
    )

    database: str | None = None
    archive: str | None = None
    spool: str | None = None
    contact: Annotated[str, AfterValidator(_header)] | None = None
    schedules: str | None = None
    runner: Runner = "local"
    sources: dict[str, dict[str, object]] = Field(default_factory=dict)
    watch: dict[str, object] = Field(default_factory=dict)
    fleet: dict[str, object] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


class _BudgetTable(TomlTable):
    pages_per_visit: int | None = Field(None, ge=1)
    pages_per_day: int | None = Field(None, ge=1)
    bytes_per_day: int | None = Field(None, ge=1)


class _SourceTable(_BudgetTable):
    base_url: str | None = None
    delay: float | None = Field(None, ge=0, le=LONGEST_DELAY, allow_inf_nan=False)


class _SiteTable(_BudgetTable):
    """A site of a common kind of software: without ``engine`` the table is one of an installed source."""

    engine: str
    base_url: str
    zone: str
    delay: float | None = Field(None, ge=0, le=LONGEST_DELAY, allow_inf_nan=False)
    forums: list[int | str] = Field(default_factory=list)
    categories: list[int | str] = Field(default_factory=list)
    rest_route: bool = False
    html: bool = False
    plain_urls: bool = False


class _WatchTable(TomlTable):
    port: int | None = Field(None, ge=0, le=LAST_PORT)


def read_tables(table: Mapping[str, object], path: Path) -> Chosen:
    """What the tables and the environment choose.

    Raises:
        ConfigurationError: a key or a value is invalid.
    """
    chosen = _checked(_SettingsFile, table, str(path))
    tables = chosen.sources.items()
    return Chosen(
        database=chosen.database,
        archive=chosen.archive,
        spool=chosen.spool,
        contact=chosen.contact,
        schedules=chosen.schedules,
        port=_checked(_WatchTable, chosen.watch, f"{path}: [watch]").port,
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
    named = variable if model is _SettingsFile and os.environ.get(variable) else where
    raise ConfigurationError(f"{named}: {checked.key} is {checked.value!r}: {checked.why}")


def _source(name: str, table: Mapping[str, object], path: str) -> SourceSettings:
    where = f"{path}: [sources.{name}]"
    try:
        source_named(name)
    except SourceUnknown as exc:
        # It may be the source of a pack that cannot be used, which must not stop the others.
        if not failures():
            raise ConfigurationError(f"{where}: {exc}") from exc
    checked = _checked(_SourceTable, table, where)
    return SourceSettings(base_url=checked.base_url, delay=checked.delay)


def _budget(table: Mapping[str, object]) -> Budget:
    limits = _BudgetTable.model_validate({name: table.get(name) for name in _BudgetTable.model_fields})
    return Budget(**limits.model_dump())


def site_of(name: str, table: Mapping[str, object], path: str) -> Site:
    """The site of a table; raises ConfigurationError, which names ``path``, if a value is invalid."""
    where = f"{path}: [sources.{name}]"
    checked = _checked(_SiteTable, table, where)
    if not NAME.fullmatch(name) or name == "default":  # default.toml has the schedules of all without any
        raise ConfigurationError(f"{where}: a source is named by a-z, 0-9 and -, and not default")
    if name in {source.name for source in installed().sources}:
        raise ConfigurationError(f"{where}: there is an installed source of that name")
    try:
        return site_named(name, **checked.model_dump(exclude=set(_BudgetTable.model_fields)))
    except ValueError as exc:
        raise ConfigurationError(f"{where}: {exc}") from exc
