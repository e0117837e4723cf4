"""Which database is meant: a PostgreSQL URL, a SQLite URL, or the path of a SQLite file.

Only what is plainly one of them is taken. A slip of the pen in a URL must not make a file that is named by
its password, and no address is printed that may hold one: ``postgresql:/me:secret@host/db``.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ingest.errors import AddressInvalid
from ingest.records.file_rights import OWNERS_FILE

MASK = "***"
GROUPS, OTHERS = 0o060, 0o006
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
SLIPS = (
    (re.compile(r".*://", re.DOTALL), "an address without its scheme"),
    (re.compile(r"\w+//"), "an address whose colon is missing"),
    (re.compile(r"[^/]*:[^/]*@|//?[^/]*:[^/]*@"), "an address without its scheme"),
    (re.compile(r"(.*\s)?(host|port|user|dbname|password|service)\s*=", re.DOTALL), "a list of settings"),
    (re.compile(r".*\?\w+=", re.DOTALL), "a path with options, which only an address can have"),
    (re.compile(r".*\x00", re.DOTALL), "a path with a NUL in it"),
)
"""What a path never looks like but by mistake."""
SECRET = re.compile(r"pass(?!file)|secret|token", re.IGNORECASE)
POSTGRESQL = {"postgresql", "postgres"}
SQLITE_OPTIONS = {"mode": {"ro", "rw", "rwc", "memory"}, "uri": {"true", "1"}}
MEANT = "write postgresql://..., sqlite:///PATH, or the path of a file (./NAME if it has a colon in it)"


def read_url(text: str) -> URL:
    """The URL of a database from ``postgresql://...``, ``sqlite:///path`` or a plain path of a file.

    Raises:
        AddressInvalid: it is none of them. What is said of it holds no part that may be a password.
    """
    scheme = SCHEME.match(text)
    if scheme is None or "://" not in text:
        return URL.create("sqlite", database=_path(text, scheme))
    name = scheme[1].lower()
    backend = name.partition("+")[0]
    if backend not in {*POSTGRESQL, "sqlite"}:
        raise AddressInvalid(f"the database's address: {name}:// is not known: {MEANT}")
    try:
        url = make_url(name + text[scheme.end(1) :])
    except (ArgumentError, ValueError) as error:
        raise AddressInvalid(f"the database's address cannot be read: {MEANT}") from error
    return url.set(drivername="postgresql+psycopg") if backend in POSTGRESQL else _sqlite(url)


def shown(url: URL) -> str:
    """The URL as it may be printed: without its passwords, wherever they stand."""
    hidden = {key: MASK if SECRET.search(key) else value for key, value in url.query.items()}
    return url.set(query=hidden).render_as_string(hide_password=True)


def without_passwords(message: str, url: URL) -> str:
    """The words of a server or a library, which may quote the address, without what ``shown`` hides."""
    for secret in _secrets(url):
        message = message.replace(secret, MASK)
    return message


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; None in memory and for PostgreSQL."""
    in_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if in_file and url.query.get("mode") != "memory" else None


def beside(url: URL, ending: str) -> Path | None:
    """A file or folder that belongs to a SQLite database, whatever link the database is reached by."""
    file = sqlite_file(url)
    if file is None:
        return None
    real = Path(os.path.realpath(file))
    return real.with_name(real.name + ending)


def lock_rights(path: Path) -> int:
    """The rights of a lock beside this database or in this folder: who may write there may lock."""
    try:
        rights = path.stat().st_mode
    except OSError:
        return OWNERS_FILE
    return OWNERS_FILE | (rights & stat.S_IWGRP and GROUPS) | (rights & stat.S_IWOTH and OTHERS)


def grant(path: Path, rights: int) -> None:
    """Give a file or folder of ours these rights too, where it was made before they were wanted."""
    had = path.stat().st_mode & 0o7777
    if had | rights != had:
        with suppress(PermissionError):  # another user's, who has to share it
            path.chmod(had | rights)


def is_in_memory(url: URL) -> bool:
    """Whether the database ends with the process."""
    return url.get_backend_name() == "sqlite" and sqlite_file(url) is None


def _path(text: str, scheme: re.Match[str] | None) -> str:
    if text == ":memory:":
        return text
    if scheme is not None:
        raise AddressInvalid(f"the database's address begins with {scheme[0]!r}, as no path does: {MEANT}")
    for pattern, name in SLIPS:
        if pattern.match(text):
            raise AddressInvalid(f"the database's address looks like {name}: {MEANT}")
    try:
        return str(Path(text).expanduser())
    except RuntimeError as error:
        raise AddressInvalid(f"the database's address {text!r}: there is no home folder") from error


def _sqlite(url: URL) -> URL:
    if url.host or url.username or url.port:
        raise AddressInvalid(f"the database's address: sqlite:// takes a third slash and a path: {MEANT}")
    _check_options(url.query)
    path = url.database or ""
    if "uri" in url.query:
        path = path.removeprefix("file:")
    if "\x00" in path:
        raise AddressInvalid("the database's address looks like a path with a NUL in it")
    plain = url.set(drivername="sqlite", database=path or None)
    return plain.difference_update_query(["uri"])


def _check_options(query: Mapping[str, str | tuple[str, ...]]) -> None:
    for key, value in query.items():
        if key not in SQLITE_OPTIONS:
            known = ", ".join(SQLITE_OPTIONS)
            raise AddressInvalid(f"the database's address: {key!r} is no option of sqlite; known: {known}")
        if value not in SQLITE_OPTIONS[key]:
            known = ", ".join(sorted(SQLITE_OPTIONS[key]))
            raise AddressInvalid(f"the database's address: {key} is not one of {known}")


def _secrets(url: URL) -> Iterator[str]:
    values = [url.query[key] for key in url.query if SECRET.search(key)]
    for value in [url.password, *values]:
        if value:
            yield from [str(value)] if not isinstance(value, tuple) else value
