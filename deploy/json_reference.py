"""The page on what commands print with ``--json``: each is run on the demo, and its keys are listed."""

import json
import re
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from deploy.commands import program

COMMANDS = (
    "status",
    "runs",
    "verify",
    "verify --calendar",
    "health rantburg",
    "search the",
    "archive list",
    "archive verify",
    "export comments --out {}/comments.csv",
    "chart comments --out {}/comments.svg",
    "reparse rantburg --all --diff",
    "quarantine list",
    "source list",
    "schedule list",
    "db copy --to {}/other.sqlite3",
    "backup --out {}/backup",
    "doctor",
)
"""Those that print something where two sites' days are held; ``{}`` is the folder of the demo."""
PLAIN = re.compile(r"[a-z][a-z0-9_]*")
KINDS = {bool: "true or false", int: "whole number", float: "number", str: "text", type(None): "null"}


def json_reference() -> Iterator[str]:
    """The page, line by line."""
    yield "# JSON\n"
    yield "What `--json` prints, as this version did it on the demo: one object with these keys."
    yield "`[]` is each element of a list, `*` each key of an object whose keys are data.\n"
    with TemporaryDirectory(prefix="thresher-") as folder:
        harvests = _printed(folder, "demo", "--keep", folder)["harvests"]
        yield from _described("harvest", harvests[0])
        for command in COMMANDS:
            yield from _described(
                command.replace("{}/", ""), _printed(folder, *command.format(folder).split())
            )


def _printed(folder: str, *command: str) -> Any:
    where = ("--database", f"{folder}/demo.sqlite3", "--archive", f"{folder}/archive")
    done = CliRunner().invoke(program, [*where, "--json", *command])
    if not done.stdout:
        raise RuntimeError(f"thresher {' '.join(command)} printed nothing: {done.output}")
    return json.loads(done.stdout)


def _described(command: str, told: Any) -> Iterator[str]:
    kinds: dict[str, set[str]] = {}
    for path, kind in _leaves(told, ""):
        kinds.setdefault(path, set()).add(kind)
    yield f"## `{command}`\n\n| key | value |\n| --- | --- |"
    yield from (f"| `{path}` | {' or '.join(sorted(each))} |" for path, each in kinds.items())
    yield ""


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The place of each value below one, and what kind it is of."""
    if isinstance(value, dict) and value:
        is_plain = all(PLAIN.fullmatch(key) for key in value)
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}".lstrip(".") if is_plain else f"{path}.*")
    elif isinstance(value, list) and value:
        for below in value:
            yield from _leaves(below, f"{path}[]")
    elif isinstance(value, list | dict):
        yield path, "empty here"
    else:
        yield path, KINDS[type(value)]
