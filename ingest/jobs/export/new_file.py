"""A file that gets its name when it is whole, and takes another's place only where that is asked for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ingest.archive.export.copy import begun, finished
from ingest.errors import ConfigurationError, StoreUnusable


def require_free(target: Path, *, overwrite: bool) -> None:
    """ConfigurationError if the file is there and not to be overwritten."""
    if target.exists() and not overwrite:
        raise ConfigurationError(f"{target} is there already: --overwrite replaces it")


@contextmanager
def new_file(target: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Yields it to be written; an exception leaves what was there. StoreUnusable if the disk refuses it."""
    require_free(target, overwrite=overwrite)
    try:
        with finished(target, replaces=overwrite) as path, begun(path) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as exc:
        raise StoreUnusable(f"cannot be exported: {target}: {exc.strerror or exc}") from exc
