"""What Datasette shows of a database, as its ``--metadata`` takes it: titles, facets, labels, queries."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from ingest.records.json_output import Json


def metadata_of(database: Path) -> Json:
    """The metadata for a SQLite file, which Datasette calls by its name without the ending."""
    shipped: dict[str, Any] = json.loads(
        (files("ingest.store.database") / "datasette.json").read_text("utf-8")
    )
    return shipped | {"databases": {database.stem: shipped["databases"]["thresher"]}}
