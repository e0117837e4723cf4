"""The schedules in force: each source's own, unless the operator's folder has a file of the same name.

A source that brings none has those of the folder's file ``default.toml``.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ingest.errors import ConfigurationError
from parsers.registry import failures, sources
from parsers.source import Source
from schedules.errors import ScheduleInvalid
from schedules.schedule import Schedule
from schedules.schedule_file import schedules_of

PACKAGE = "schedules"
ENDING = ".toml"
DEFAULT = "default"


def timetable(folder: Path | None, only: Sequence[Source] = ()) -> tuple[Schedule, ...]:
    """The schedules of every source, or of some, in the order of the files.

    Raises:
        ConfigurationError: a file of the folder belongs to no source, cannot be read, or holds an invalid
            schedule; the error names the file, the schedule, the key and the value.
    """
    own = _own_files(folder) if folder is not None else {}
    wanted = set(only or sources())
    files_of = ((source, _file_of(source, own)) for source in sources())
    return tuple(
        schedule
        for source, file in files_of
        if file is not None
        for schedule in _schedules(source, file)
        if source in wanted
    )


def _own_files(folder: Path) -> dict[str, Path]:
    names = [source.name for source in sources()]
    found = {path.stem: path for path in sorted(folder.glob(f"*{ENDING}"))}
    for name, path in found.items():
        # It may be of a pack that cannot be used, which must not stop the others.
        if name not in {*names, DEFAULT} and not failures():
            raise ConfigurationError(f"{path}: no source {name!r}; known: {', '.join(names)}")
    return found


def _file_of(source: Source, own: Mapping[str, Path]) -> Traversable | None:
    packaged = files(PACKAGE) / f"{source.name}{ENDING}"
    return own.get(source.name) or (packaged if packaged.is_file() else own.get(DEFAULT))


def _schedules(source: Source, file: Traversable) -> Iterator[Schedule]:
    try:
        yield from schedules_of(tomllib.loads(file.read_text("utf-8")), source.name)
    except OSError as exc:
        raise ConfigurationError(f"{file} cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{file} is not TOML: {exc}") from exc
    except ScheduleInvalid as exc:
        raise ConfigurationError(f"{file}: {exc}") from exc
