"""One table of the database to one file, with the description beside it.

The file has its name only when it is whole. How complete the days are is asked before the rows are: what was
complete then is in them.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Literal

from ingest.errors import ConfigurationError, SessionLost
from ingest.jobs.export.completeness import completeness
from ingest.jobs.export.data_package import NAME, read_package, resource, with_resource
from ingest.jobs.export.new_file import new_file, require_free
from ingest.jobs.export.parquet import write_parquet
from ingest.jobs.export.text_formats import write_csv, write_json_lines
from ingest.records.extract import Column, Extract, Part, Value
from ingest.records.json_output import instant
from ingest.store import Store

log = logging.getLogger(__name__)

Format = Literal["jsonl", "csv", "parquet"]
Writer = Callable[[BinaryIO, Sequence[Column], Iterable[Sequence[Value]]], int]

WRITERS: dict[Format, Writer] = {"jsonl": write_json_lines, "csv": write_csv, "parquet": write_parquet}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was written, and its description's."""

    file: Path
    package: Path
    rows: int
    size: int
    digest: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What to write, where to, and when that is."""

    extract: Extract
    part: Part
    target: Path
    form: Format
    at: datetime
    overwrite: bool = False


def export(store: Store, wanted: Export) -> Exported:
    """Write the rows of a table to a file.

    Raises:
        ConfigurationError: the file is there and not to be overwritten, or the format's extra is missing.
        StoreUnusable: the file cannot be written, or the database not be read.
    """
    target = wanted.target
    if target.name == NAME:
        raise ConfigurationError(f"{target}: this name is that of the description beside the file")
    require_free(target, overwrite=wanted.overwrite)
    before = read_package(target.parent)
    # Before the rows: what is added meanwhile may be in the file, and what is counted must be.
    standing = completeness(store, wanted.part)
    columns = store.extracts.columns(wanted.extract)
    try:
        rows = _written(store, wanted, columns)
    except SessionLost as lost:
        # Half of the rows were of one moment, and the other half would be of another.
        log.warning("%s; the file is written once more", lost)
        rows = _written(store, wanted, columns)
    size, digest = _size_and_digest(target)
    more = _about(wanted) | {"rows": rows, "completeness": standing}
    described = resource(target.name, wanted.form, columns, size=size, digest=digest, more=more)
    package = target.with_name(NAME)
    with new_file(package, overwrite=True) as file:
        file.write(with_resource(before, described, version=version("thresher")))
    complete = standing["complete"] is True
    return Exported(file=target, package=package, rows=rows, size=size, digest=digest, complete=complete)


def _written(store: Store, wanted: Export, columns: Sequence[Column]) -> int:
    with new_file(wanted.target, overwrite=wanted.overwrite) as file:
        return WRITERS[wanted.form](file, columns, store.extracts.rows(wanted.extract, wanted.part))


def _about(wanted: Export) -> dict[str, object]:
    part = wanted.part
    return {
        "table": wanted.extract,
        "exported_at": instant(wanted.at),
        "source": part.sources[0] if len(part.sources) == 1 else None,
        **({"sources": list(part.sources)} if len(part.sources) > 1 else {}),
        "since": part.since.isoformat() if part.since else None,
        "until": part.until.isoformat() if part.until else None,
    }


def _size_and_digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
