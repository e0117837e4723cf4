"""A SQLite database that is made once and copied: to migrate one costs more than most tests do."""

import tempfile
from functools import cache
from pathlib import Path

from ingest.store import Store


@cache
def newest_sqlite() -> bytes:
    """A database at the newest revision that holds nothing, as it is on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "newest.db"
        Store.open(str(path)).close()
        return path.read_bytes()
