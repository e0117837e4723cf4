"""What the operator chose: options before the environment, the environment before the file, then defaults."""

import getpass
import os
import platform
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.errors import ConfigurationError
from ingest.records.archive_folder import ArchiveFolder, address_in_store, object_folder
from ingest.records.budget import UNLIMITED, Budget
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


def load_settings(
    *, database: str | None, archive: str | None, config: Path | None, may_be_absent: bool = False
) -> Settings:
    """Put the settings together; ``may_be_absent`` is for a command that makes the file.

    Raises:
        ConfigurationError: the file cannot be read, or a key or a value is invalid.
    """
    path = config or _config()
    table = _table(path, needed=config is not None and not may_be_absent)
    chosen = _checked(_SettingsFile, table, str(path))
    tables = chosen.sources.items()
    return Settings(
        database=database or chosen.database or str(_data(DATABASE_FILE)),
        archive=archive_named(archive or chosen.archive or str(_data("archive")), chosen.spool),
        spool=chosen.spool,
        contact=chosen.contact,
        config=path if table else None,
        file=path,
        schedules=_schedules(chosen.schedules, path),
        port=_checked(_WatchTable, chosen.watch, f"{path}: [watch]").port,
        runner=chosen.runner,
        fleet=_checked(FleetSettings, chosen.fleet, f"{path}: [fleet]"),
        sources={name: _source(name, one, str(path)) for name, one in tables if "engine" not in one},
        sites=tuple(site_of(name, one, str(path)) for name, one in tables if "engine" in one),
        budgets={name: _budget(one) for name, one in tables},  # checked above, each by its own model
    )


def _table(path: Path, *, needed: bool) -> dict[str, object]:
    return _read(path) if needed or _is_there(path) else {}


def _checked(model: type[Model], table: Mapping[str, object], where: str) -> Model:
    checked = read_table(model, table)
    if not isinstance(checked, Problem):
        return checked
    if not checked.key:
        raise ConfigurationError(f"the environment: {checked.why}")  # such as THRESHER_SOURCES='{'
    variable = f"{ENVIRONMENT}{checked.key.upper()}"
    named = variable if model is _SettingsFile and os.environ.get(variable) else where
    raise ConfigurationError(f"{named}: {checked.key} is {checked.value!r}: {checked.why}")


def archive_named(named: str, spool: str | None) -> ArchiveFolder:
    """The folder or the store that the operator named; ``spool`` is the folder named for files on their way.

    Raises:
        ConfigurationError: it is an address, but not of the form s3://bucket/prefix.
    """
    address = address_in_store(named)
    if address is None:
        return _folder(named)
    spools = platformdirs.user_state_dir
    return object_folder(*address, _folder(spool) if spool else _place(spools, "spool", "name a spool"))


def _config() -> Path:
    try:
        return Path(platformdirs.user_config_dir("thresher")) / CONFIG_FILE
    except RuntimeError:
        return Path("/nonexistent") / CONFIG_FILE  # as the passwd file has it of accounts without a home


def _data(name: str) -> Path:
    return _place(platformdirs.user_data_dir, name, "name --database and --archive")


def _place(folder_of: Callable[[str], str], name: str, instead: str) -> Path:
    """The default place; raises ConfigurationError if there is no home folder that it could be in."""
    try:
        return Path(folder_of("thresher")) / name
    except RuntimeError as exc:
        raise ConfigurationError(f"there is no home folder: {instead}") from exc


def _folder(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError as exc:
        raise ConfigurationError(f"{named!r}: there is no home folder") from exc


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
    folder = _folder(named)
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
