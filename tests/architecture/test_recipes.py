"""What docs/recipes.md shows runs as printed, on a harvested database: real Datasette, pandas and DuckDB."""

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from ingest.cli.main import thresher
from ingest.store import Store
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.visits import visit

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text("utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
PARAMETERS = {"author": "reader 1", "words": "harbour"}
# They print what they made; a library's own announcements of later versions are not what is tested.
QUIETLY = (sys.executable, "-W", "ignore")


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(PAGE) if kind == language]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the database and its metadata, as the recipes have it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THRESHER_DATABASE", str(tmp_path / "thresher.sqlite3"))
    thread = (comment("11", 1, text="The harbour"), comment("12", 2, text="Boats in a boat house"))
    with Store.open(str(tmp_path / "thresher.sqlite3")) as store:
        visit(store, section_page([article("100", thread, title="Ferry strike")]), at(0))
        edited = (comment("11", 1, text="The harbour, mended"),)
        for hours in (1, 2):
            visit(store, section_page([article("100", edited, title="Ferry strike")]), at(hours))
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ thresher "):
            result = CliRunner().invoke(thresher, shlex.split(line)[2:])
            assert result.exit_code == 0, result.output
    return tmp_path


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.usefixtures("folder")
def test_datasette_runs_as_printed() -> None:
    (asked,) = [line for line in blocks("console")[1].splitlines() if line.startswith("$ datasette ")]
    program = shutil.which("datasette", path=str(Path(sys.executable).parent))
    assert program is not None
    printed = run(*QUIETLY, program, *shlex.split(asked)[2:])
    assert json.loads(printed) == [{"source": "harbour", "day": "2021-05-04", "articles": 1, "comments": 1}]


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_a_recipe_in_python_runs_as_printed(folder: Path, number: int) -> None:
    script = folder / "recipe.py"
    script.write_text(blocks("python")[number], "utf-8")
    printed = run(*QUIETLY, str(script))
    assert "2021-05-04" in printed


def test_the_question_in_sql_runs_as_printed(folder: Path) -> None:
    (question,) = blocks("sql")
    with Store.read(str(folder / "thresher.sqlite3")) as store, store._reading() as connection:
        rows = connection.exec_driver_sql(question).all()
    assert {row.excerpt for row in rows} == {"The [harbour], mended", "[Boats] in a [boat] house"}


@pytest.fixture
def shown(folder: Path) -> Datasette:
    metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
    return Datasette([str(folder / "thresher.sqlite3")], metadata=metadata)


def ask(shown: Datasette, *paths: str) -> list[Any]:
    async def asked() -> list[Any]:
        return [await shown.client.get(path) for path in paths]

    answers = asyncio.run(asked())
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return answers


@pytest.mark.filterwarnings("ignore")
def test_every_query_by_name_answers(shown: Datasette) -> None:
    queries = json.loads(ask(shown, "/thresher.json")[0].text)["queries"]
    assert len(queries) == 7
    values = "&".join(f"{name}={value}" for name, value in PARAMETERS.items())
    answers = ask(shown, *(f"/thresher/{query['name']}.json?_shape=array&{values}" for query in queries))
    rows = {query["name"]: json.loads(answer.text) for query, answer in zip(queries, answers, strict=True)}
    assert rows.pop("what_is_missing") == []
    assert all(rows.values()), rows
    assert rows["what_vanished"][0]["number"] == 2
    assert rows["what_was_edited"][0]["before"] == "The harbour"
    assert rows["comments_with_words"][0]["excerpt"] == "The [harbour], mended"


@pytest.mark.filterwarnings("ignore")
def test_tables_have_titles_facets_labels_and_search(shown: Datasette) -> None:
    home, comments, view, found = ask(
        shown,
        "/thresher",
        "/thresher/comments",
        "/thresher/v_comments.json",
        "/thresher/v_comments.json?_search=boats",
    )
    assert "All comments of one author" in home.text
    assert "Ferry strike" in comments.text
    assert set(json.loads(view.text)["facet_results"]) == {"source", "vanished"}
    assert len(json.loads(found.text)["rows"]) == 1


@pytest.mark.filterwarnings("ignore")
def test_every_table_named_is_there(shown: Datasette, folder: Path) -> None:
    tables = json.loads((folder / "metadata.json").read_text("utf-8"))["databases"]["thresher"]["tables"]
    ask(shown, *(f"/thresher/{table}.json" for table in tables))
