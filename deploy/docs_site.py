"""For MkDocs: the pages that are made of something else, the README, the commands and the schema."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from sqlalchemy import Column, Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # MkDocs is started from anywhere, and imports this file by its path

from ingest.store.database.schema import metadata  # noqa: E402

COMMANDS = """# Commands

::: mkdocs-click
    :module: deploy.commands
    :command: program
    :prog_name: thresher
    :depth: 1
"""
PARSERS = "parsers/README.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of ``docs/``, and what is made here."""
    made = {
        "index.md": (ROOT / "README.md").read_text("utf-8"),
        "sources.md": (ROOT / PARSERS).read_text("utf-8"),
        "commands.md": COMMANDS,
        "schema.md": "\n".join(_schema()),
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
