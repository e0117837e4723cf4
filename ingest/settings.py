"""What the operator chose: options before the environment, the environment before the file, then defaults."""

import getpass
import os
import platform
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from ingest.errors import ConfigurationError
from ingest.records.archive_folder import ArchiveFolder, address_in_store, object_folder
from ingest.records.budget import UNLIMITED, Budget
from ingest.records.chosen import ENVIRONMENT, Chosen, Runner, SourceSettings
from parsers.source import Site
from schedules.slices import FleetSettings

DEFAULT_DELAY = 1.0
DATABASE_FILE, CONFIG_FILE = "thresher.sqlite3", "thresher.toml"
SCHEDULES = "schedules"


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
    fleet: FleetSettings = field(default_factory=FleetSettings)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    sites: tuple[Site, ...] = ()  # the operator's own, each a source made of its settings
    budgets: Mapping[str, Budget] = field(default_factory=dict)

    @property
    def user_agent(self) -> str:
        """Who asks, and how to reach whoever runs it: by default the account, as cron's mails have it."""
        from importlib.metadata import version

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
    chosen = _chosen(table, path)
    return Settings(
        database=database or chosen.database or str(_data(DATABASE_FILE)),
        archive=archive_named(archive or chosen.archive or str(_data("archive")), chosen.spool),
        spool=chosen.spool,
        contact=chosen.contact,
        config=path if table else None,
        file=path,
        schedules=_schedules(chosen.schedules, path),
        port=chosen.port,
        runner=chosen.runner,
        fleet=chosen.fleet,
        sources=chosen.sources,
        sites=chosen.sites,
        budgets=chosen.budgets,
    )


def _chosen(table: Mapping[str, object], path: Path) -> Chosen:
    if not table and not any(name.upper().startswith(ENVIRONMENT) for name in os.environ):
        return Chosen()
    # What checks them is the largest part of a start.
    from ingest.records.settings_file import read_tables

    return read_tables(table, path)


def _table(path: Path, *, needed: bool) -> dict[str, object]:
    return _read(path) if needed or _is_there(path) else {}


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
