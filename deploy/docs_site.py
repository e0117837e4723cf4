"""For MkDocs: the pages that are made of something else, such as the README, the commands and the schema."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy import Column, Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # MkDocs is started from anywhere, and imports this file by its path

from deploy.json_reference import json_reference  # noqa: E402
from ingest.records.settings_file import SettingsFile, SiteTable, SourceTable, WatchTable  # noqa: E402
from ingest.store.database.schema import metadata  # noqa: E402
from schedules.fleet_table import FleetTable  # noqa: E402
from schedules.schedule_file import TABLES  # noqa: E402

COMMANDS = """# Commands

::: mkdocs-click
    :module: deploy.commands
    :command: program
    :prog_name: thresher
    :depth: 1
"""
PARSERS = "parsers/README.md"
SETTINGS: Mapping[str, type[BaseModel]] = {
    "`thresher.toml`": SettingsFile,
    "`[sources.NAME]`": SourceTable,
    "`[sources.NAME]` with `engine`": SiteTable,
    "`[watch]`": WatchTable,
    "`[fleet]`": FleetTable,
    **{f"`[[schedule]]` of kind `{kind}`": model for kind, model in TABLES.items()},
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of ``docs/``, and what is made here."""
    made = {
        "index.md": (ROOT / "README.md").read_text("utf-8"),
        "sources.md": (ROOT / PARSERS).read_text("utf-8"),
        "commands.md": COMMANDS,
        "settings.md": "\n".join(_settings()),
        "schema.md": "\n".join(_schema()),
        "json.md": "\n".join(json_reference()),
    }
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Links to what is no page of the documentation become its name; those among pages find their page."""
    there = {file.src_uri for file in files.documentation_pages()} | {"index.md"}

    def linked(found: re.Match[str]) -> str:
        words, where, anchor = found.groups()
        path = where.removeprefix("docs/").removeprefix("../docs/").removeprefix("../")
        path = "sources.md" if path == PARSERS else path
        path = "index.md" if path == "README.md" and page.file.src_uri != "index.md" else path
        if path in there or path.endswith(".png"):
            return f"[{words}]({path}{anchor or ''})"
        return f"`{words}`" if "`" not in words else words

    # Pictures stand in docs/, and the README beside it.
    markdown = markdown.replace("](docs/console/", "](console/")
    return re.sub(r"(?<!!)\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)", linked, markdown)


def _settings() -> Iterator[str]:
    yield "# Settings\n\nThe keys as this version reads them; a key that is not here is refused by name.\n"
    for heading, model in SETTINGS.items():
        yield f"## {heading}\n\n{(model.__doc__ or '').splitlines()[0]}\n"
        yield "| key | value | default | |\n| --- | --- | --- | --- |"
        described = model.model_json_schema()
        for key, value in described["properties"].items():
            default = _written(model.model_fields[key])
            yield f"| `{key}` | {_range(value)} | {default} | {value.get('description', '')} |"
        yield ""


def _range(value: dict[str, Any]) -> str:
    """What a key may hold, of its JSON schema."""
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    kinds = [one for one in value.get("anyOf", [value]) if one.get("type") != "null"]
    if len(kinds) > 1:
        return " or ".join(_range(one) for one in kinds)
    kind = kinds[0]
    named = (
        f"list of {_range(kind['items'])}" if "items" in kind else kind.get("format", kind.get("type", ""))
    )
    bounds = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}
    return ", ".join([named, *(f"{words} {kind[name]:g}" for name, words in bounds.items() if name in kind)])


def _written(field: FieldInfo) -> str:
    """The default as it would stand in the file; nothing if it is nothing."""
    if field.is_required():
        return "required"
    default = field.default
    if isinstance(default, timedelta):
        default = f"{default // timedelta(minutes=1)}m"
    return f"`{json.dumps(default)}`" if default is not None and field.default_factory is None else ""


def _schema() -> Iterator[str]:
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    yield "# Schema\n\nThe tables as this version makes them, the same on SQLite and on PostgreSQL.\n"
    yield "```mermaid\nerDiagram"
    for table in tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            yield f"    {key.column.table.name} ||--o{{ {table.name} : {key.parent.name}"
    yield "```\n"
    for table in tables:
        yield from _described(table)


def _described(table: Table) -> Iterator[str]:
    yield f"## `{table.name}`\n"
    yield from ([f"{table.comment}\n"] if table.comment else [])
    yield "| column | type | may be null | refers to |\n| --- | --- | --- | --- |"
    for column in table.columns:
        null = "yes" if column.nullable else "no"
        yield f"| `{column.name}` | {_kind(column)} | {null} | {_target(column)} |"
    yield ""


def _kind(column: Column[object]) -> str:
    return type(column.type).__name__.lower()


def _target(column: Column[object]) -> str:
    return ", ".join(sorted(f"`{key.target_fullname}`" for key in column.foreign_keys))
