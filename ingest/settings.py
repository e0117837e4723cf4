"""What the operator chose: options before the environment, the environment before the file, then defaults."""

import getpass
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import platformdirs

from ingest.errors import ConfigurationError
from parsers.errors import SourceUnknown
from parsers.registry import failures, source_named

DEFAULT_DELAY = 1.0
LONGEST_DELAY = 3600
DATABASE_FILE = "thresher.sqlite3"
CONFIG_FILE = "thresher.toml"
SCHEDULES = "schedules"
TOP_KEYS = {"database", "archive", "contact", "schedules", "sources", "watch"}
SOURCE_KEYS = {"base_url", "delay"}
WATCH_KEYS = {"port"}
LAST_PORT = 65535
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """What the operator says of one source; None leaves it to the pack, or to the default."""

    base_url: str | None = None
    delay: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``database`` is a URL or a SQLite file's path; ``contact`` is told to the sites in the User-Agent.

    ``schedules`` is a folder of the operator's own, or None; ``port`` is that of ``watch``, None being none.
    """

    database: str
    archive: Path
    contact: str | None = None
    config: Path | None = None
    schedules: Path | None = None
    port: int | None = None
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)

    @property
    def user_agent(self) -> str:
        """Who asks, and how to reach whoever runs it: by default the account, as cron's mails have it."""
        contact = self.contact or f"{_account()}@{platform.node()}".encode("ascii", "replace").decode()
        return f"thresher/{version('thresher')} (archiver of discussions; contact: {contact})"

    def source(self, name: str, *, base_url: str | None = None, delay: float | None = None) -> SourceSettings:
        """A source's settings, with what the command line says on top."""
        stored = self.sources.get(name, SourceSettings())
        root = base_url if base_url is not None else stored.base_url
        return SourceSettings(
            base_url=f"{root.rstrip('/')}/" if root is not None else None,
            delay=delay if delay is not None else stored.delay,
        )


def load_settings(
    *, database: str | None, archive: str | None, config: Path | None, environment: Mapping[str, str]
) -> Settings:
    """Put the settings together.

    Raises:
        ConfigurationError: the file cannot be read, or holds a key or a value it should not.
    """
    path = config or _config()
    table = _read(path) if config is not None or _is_there(path) else {}
    _only(table, TOP_KEYS, str(path))
    stored = {
        key: _typed(table, key, str, str(path)) for key in ("database", "archive", "contact", "schedules")
    }
    sources = _typed(table, "sources", dict, str(path)) or {}
    return Settings(
        database=database or stored["database"] or str(_data(DATABASE_FILE)),
        archive=_folder(archive or stored["archive"]) or _data("archive"),
        contact=_contact(environment.get("THRESHER_CONTACT") or stored["contact"]),
        config=path if table else None,
        schedules=_schedules(stored["schedules"], path),
        port=_port(table, str(path)),
        sources={name: _source(name, of, str(path)) for name, of in sources.items()},
    )


def _config() -> Path:
    try:
        return Path(platformdirs.user_config_dir("thresher")) / CONFIG_FILE
    except RuntimeError:
        return Path("/nonexistent") / CONFIG_FILE  # as the passwd file has it of accounts without a home


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False  # the home folder is another user's, as under sudo and in some containers


def _data(name: str) -> Path:
    """The default place; raises ConfigurationError if there is no home folder that it could be in."""
    try:
        return Path(platformdirs.user_data_dir("thresher")) / name
    except RuntimeError as exc:
        words = "there is no home folder: name the --database and the --archive"
        raise ConfigurationError(words) from exc


def _folder(named: str | None) -> Path | None:
    try:
        return Path(named).expanduser() if named else None
    except RuntimeError as exc:
        raise ConfigurationError(f"{named!r}: there is no home folder") from exc


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
    if folder is None or not folder.is_dir():
        raise ConfigurationError(f"{path}: schedules is {named!r}, which is no folder")
    return folder


def _port(table: Mapping[str, object], path: str) -> int | None:
    where = f"{path}: [watch]"
    watch = _typed(table, "watch", dict, path) or {}
    _only(watch, WATCH_KEYS, where)
    port = watch.get("port")
    if port is None:
        return None
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= LAST_PORT:
        raise ConfigurationError(f"{where}: port is {port!r}, not 0 to {LAST_PORT}")
    return port


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "nobody"  # a container's user need not have a name


def _contact(contact: str | None) -> str | None:
    if contact is not None and not (contact.isascii() and contact.isprintable()):
        raise ConfigurationError(f"the contact {contact!r} cannot stand in a header: use printable ASCII")
    return contact


def _source(name: str, table: object, path: str) -> SourceSettings:
    where = f"{path}: [sources.{name}]"
    try:
        source_named(name)
    except SourceUnknown as exc:
        # It may be the source of a pack that cannot be used, which must not stop the others.
        if not failures():
            raise ConfigurationError(f"{where}: {exc}") from exc
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where} is not a table")
    _only(table, SOURCE_KEYS, where)
    return SourceSettings(base_url=_typed(table, "base_url", str, where), delay=_delay(table, where))


def _delay(table: Mapping[str, object], where: str) -> float | None:
    delay = table.get("delay")
    if delay is None:
        return None
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= LONGEST_DELAY:
        raise ConfigurationError(f"{where}: delay is {delay!r}, not 0 to {LONGEST_DELAY} seconds")
    return float(delay)


def _only(table: Mapping[str, object], keys: set[str], where: str) -> None:
    for key in table.keys() - keys:
        raise ConfigurationError(f"{where}: {key!r} is not known; known: {', '.join(sorted(keys))}")


def _typed(table: Mapping[str, object], key: str, kind: type[T], where: str) -> T | None:
    value = table.get(key)
    if value is not None and not isinstance(value, kind):
        raise ConfigurationError(f"{where}: {key} is {value!r}")
    return value


LONGEST_PAUSE = 3600.0
"""The longest pause a host is given by one Retry-After."""
