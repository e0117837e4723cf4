"""A source's table is added to the settings file. The only door to tomlkit.

What is in the file stays as it is, byte by byte; the table is put behind it, and the file is there whole
or not at all.
"""

import os
import shutil
import tomllib
from pathlib import Path

import tomlkit

from ingest.errors import ConfigurationError
from parsers.source import Site

BESIDE = ".adding"
"""Ends the name under which the file is written before it takes the other's place."""


def table_of(site: Site) -> dict[str, object]:
    """The keys that the file says of a site."""
    table: dict[str, object] = {"engine": site.engine, "base_url": site.base_url, "zone": site.zone}
    if site.delay is not None:
        table["delay"] = site.delay
    for name, places in (("forums", site.forums), ("categories", site.categories)):
        if places:
            table[name] = [int(place) if place.isdecimal() else place for place in places]
    flags = {"rest_route": site.rest_route, "html": site.html, "plain_urls": site.plain_urls}
    return table | {name: True for name, is_set in flags.items() if is_set}


def require_free(file: Path, name: str) -> None:
    """Raises ConfigurationError if the file has a table for that source."""
    _require_free(_read(file), file, name)


def add_site(file: Path, site: Site) -> None:
    """Put the site's table behind what the file says; the file and its folder are made if need be.

    Raises:
        ConfigurationError: there is such a table, or the file cannot be written.
    """
    file = file.resolve()  # a link stays one
    beside = file.with_name(file.name + BESIDE)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # x: two commands at once would each leave out what the other one adds.
        with beside.open("xb") as written:
            try:
                written.write(_with_table(file, site))
                written.flush()
                os.fsync(written.fileno())
                if file.exists():
                    shutil.copymode(file, beside)
                beside.replace(file)
            finally:
                beside.unlink(missing_ok=True)
    except FileExistsError as exc:
        raise ConfigurationError(
            f"{beside} is there: another command adds a source, or was killed: then remove it"
        ) from exc
    except OSError as exc:
        raise ConfigurationError(f"{file} cannot be written: {exc.strerror}") from exc


def _with_table(file: Path, site: Site) -> bytes:
    before = _read(file)
    _require_free(before, file, site.name)
    addition = tomlkit.dumps({"sources": {site.name: table_of(site)}})
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    text = f"{before}{gap}{addition}"
    try:
        # sources = { ... } in one line is closed: no table can be put behind it.
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigurationError(f"{file}: write sources as tables such as [sources.{site.name}]") from exc
    return text.encode()


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except OSError as exc:
        raise ConfigurationError(f"{file} cannot be read: {exc.strerror}") from exc


def _require_free(text: str, file: Path, name: str) -> None:
    sources = tomllib.loads(text).get("sources", {})
    if name in sources:
        raise ConfigurationError(f"{file}: there is a table [sources.{name}] already")
