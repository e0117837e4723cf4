"""``datapackage.json`` beside exported files: what they hold and what they lack, by Frictionless."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest.errors import ConfigurationError
from ingest.records.extract import Column

NAME = "datapackage.json"
MAKER = "thresher"
"""The key by which a description of ours is known."""
SCHEMES = {"jsonl": "application/jsonl", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
# A resource's name has small letters, digits, dots, dashes and underscores (Frictionless).
UNUSUAL = re.compile(r"[^a-z0-9._-]+")

Json = dict[str, object]


def read_package(folder: Path) -> list[Json]:
    """The files that the description names, none if there is none; ConfigurationError if it is another's."""
    path = folder / NAME
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        found = None
    listed = found.get("resources") if isinstance(found, dict) and MAKER in found else None
    if not (isinstance(listed, list) and all(isinstance(one, dict) and "path" in one for one in listed)):
        raise ConfigurationError(f"{path} describes other files: export to another folder")
    return listed


def with_resource(before: Sequence[Json], resource: Json, *, version: str) -> bytes:
    """The description with one more file, in place of what it said of the file before."""
    others = [each for each in before if each["path"] != resource["path"]]
    package = {
        "profile": "data-package",
        "name": "thresher-export",
        MAKER: {"version": version},
        "resources": sorted([*others, resource], key=lambda each: str(each["path"])),
    }
    return (json.dumps(package, indent=2) + "\n").encode()


def resource(
    file: str, form: str, columns: Sequence[Column], *, size: int, digest: str, more: Mapping[str, object]
) -> Json:
    """What is to say of one file; ``more`` stands below our own key."""
    described: Json = {
        "name": UNUSUAL.sub("-", file.lower()),
        "path": file,
        "profile": "tabular-data-resource" if form == "csv" else "data-resource",
        "format": form,
        "mediatype": SCHEMES[form],
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {"fields": [_field(column) for column in columns], "missingValues": [""]},
        MAKER: dict(more),
    }
    if form != "parquet":
        described["encoding"] = "utf-8"
    if form == "csv":
        described["dialect"] = {
            "delimiter": ",",
            "quoteChar": '"',
            "doubleQuote": True,
            "lineTerminator": "\r\n",
        }
    return described


def _field(column: Column) -> Json:
    field: Json = {"name": column.name, "type": column.kind}
    # An instant has a fraction of a second where it is known.
    more: Json = {"format": "any"} if column.kind == "datetime" else {}
    return field | more
