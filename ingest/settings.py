"""What the operator chose: options before the environment, the environment before the file, then defaults."""

import getpass
import os
import platform
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.errors import ConfigurationError
from ingest.locations import ArchiveFolder, archive_named, config_place, data_place, folder_named
from parsers.engines.sites import site_named
from parsers.errors import SourceUnknown
from parsers.registry import failures, installed, source_named
from parsers.source import Site
from schedules.slices import FleetSettings
from schedules.toml_table import Model, Problem, TomlTable, read_table

DEFAULT_DELAY = 1.0
LONGEST_DELAY, LONGEST_PAUSE = 3600, 3600.0  # a pause is what one Retry-After may ask for
DATABASE_FILE, CONFIG_FILE = "thresher.sqlite3", "thresher.toml"
SCHEDULES = "schedules"
ENVIRONMENT = "THRESHER_"  # begins the names of our variables: THRESHER_CONTACT is ``contact``
LAST_PORT = 65535
Runner = Literal["local", "procrastinate"]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that a source may be asked for: by one run, and on a day of its zone by all; None is any."""

    pages_per_visit: int | None = None
    pages_per_day: int | None = None
    bytes_per_day: int | None = None


UNLIMITED = Budget()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """What the operator says of one source; None leaves it to the pack, or to the default."""

    base_url: str | None = None
    delay: float | None = None
    budget: Budget = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``database`` is a URL or a SQLite file's path; ``contact`` is sent to the sites in the User-Agent.

    ``archive`` is a folder, or one in an S3-compatible store.
    ``schedules`` is a folder of the operator's own, or None; ``port`` is that of ``watch``, None being none.
    """

    database: str
    archive: ArchiveFolder
    spool: str | None = None  # where a store's files are begun
    contact: str | None = None
    config: Path | None = None
    file: Path | None = None  # whether it is there or not; ``config`` is None where it says nothing
    schedules: Path | None = None
    port: int | None = None
    runner: Runner = "local"  # who does what commands ask for
    fleet: FleetSettings = field(default_factory=FleetSettings.model_construct)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    sites: tuple[Site, ...] = ()  # the operator's own, each a source made of its settings
    budgets: Mapping[str, Budget] = field(default_factory=dict)

    @property
    def user_agent(self) -> str:
        """Who asks, and how to reach whoever runs it: by default the account, as cron's mails have it."""
        contact = self.contact or f"{_account()}@{platform.node()}".encode("ascii", "replace").decode()
        return f"thresher/{version('thresher')} (archiver of discussions; contact: {contact})"

    def source(self, name: str, *, base_url: str | None = None, delay: float | None = None) -> SourceSettings:
        """A source's settings, with what the command line says on top."""
        site = next((site for site in self.sites if site.name == name), None)
        named = SourceSettings(base_url=site.base_url, delay=site.delay) if site else SourceSettings()
        stored = self.sources.get(name, named)
        root = base_url if base_url is not None else stored.base_url
        return SourceSettings(
            base_url=f"{root.rstrip('/')}/" if root is not None else None,
            delay=delay if delay is not None else stored.delay,
            budget=self.budgets.get(name, UNLIMITED),
        )


class _Sources(TypedDict):
    sources: Mapping[str, SourceSettings]
    sites: tuple[Site, ...]
    budgets: Mapping[str, Budget]


def load_settings(
    *, database: str | None, archive: str | None, config: Path | None, may_be_absent: bool = False
) -> Settings:
    """Put the settings together; ``may_be_absent`` is for a command that makes the file.

    Raises:
        ConfigurationError: the file cannot be read, or a key or a value is invalid.
    """
    path = config or config_place(CONFIG_FILE)
    table = _table(path, needed=config is not None and not may_be_absent)
    chosen = _checked(_SettingsFile, table, str(path))
    return Settings(
        database=database or chosen.database or str(data_place(DATABASE_FILE)),
        archive=archive_named(archive or chosen.archive or str(data_place("archive")), chosen.spool),
        spool=chosen.spool,
        contact=chosen.contact,
        config=path if table else None,
        file=path,
        schedules=_schedules(chosen.schedules, path),
        port=_checked(_WatchTable, chosen.watch, f"{path}: [watch]").port,
        runner=chosen.runner,
        fleet=_checked(FleetSettings, chosen.fleet, f"{path}: [fleet]"),
        **_sources(chosen.sources, str(path)),
    )


def _table(path: Path, *, needed: bool) -> dict[str, object]:
    return _read(path) if needed or _is_there(path) else {}


def _sources(tables: Mapping[str, Mapping[str, object]], path: str) -> _Sources:
    sites = {name: table for name, table in tables.items() if "engine" in table}
    return _Sources(
        sources={name: _source(name, table, path) for name, table in tables.items() if name not in sites},
        sites=tuple(site_of(name, table, path) for name, table in sites.items()),
        budgets={
            name: _budget(table) for name, table in tables.items()
        },  # checked above, each by its own model
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


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False  # the home folder is another user's, as under sudo and in some containers


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{path} is not TOML: {exc}") from exc


def _schedules(named: str | None, path: Path) -> Path | None:
    """The folder that was named, or the one beside the file, if it is there."""
    if named is None:
        beside = path.with_name(SCHEDULES)
        return beside if _is_there(beside) and beside.is_dir() else None
    folder = folder_named(named)
    if not folder.is_dir():
        raise ConfigurationError(f"{path}: schedules is {named!r}, which is no folder")
    return folder


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "nobody"  # as in a container


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
