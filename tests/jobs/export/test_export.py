"""Whole tables as files: the same bytes from both databases, and nothing lost, invented or half-written."""

import csv
import hashlib
import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import duckdb
import pandas
import pyarrow.parquet
import pytest
from frictionless import Resource

from ingest.errors import ConfigurationError, StoreUnusable
from ingest.jobs.export.new_file import new_file
from ingest.jobs.export.run import Export, Exported, Format, export
from ingest.jobs.export.text_formats import harmless
from ingest.records.extract import Extract, Part
from ingest.store import Store
from ingest.store.articles import extracts
from ingest.store.articles.extracts import Extracts
from tests.jobs.export.conftest import EVIL, LONG, articles
from tests.kit.parsed import DAY, at, section_page
from tests.kit.visits import visit
from tests.store.test_retrying import end_sessions

NOW = datetime(2021, 6, 1, 12, tzinfo=UTC)
TABLES = get_args(Extract)
FORMATS = get_args(Format)


def written(
    store: Store,
    extract: Extract,
    target: Path,
    part: Part = Part(),  # noqa: B008 - frozen
    *,
    form: Format | None = None,
    overwrite: bool = False,
) -> Exported:
    chosen = form or target.suffix.removeprefix(".")
    wanted = Export(extract=extract, part=part, target=target, form=chosen, at=NOW, overwrite=overwrite)  # type: ignore[arg-type]
    return export(store, wanted)


@pytest.mark.long
def test_a_session_that_is_ended_amid_the_rows_costs_no_file(
    filled_postgresql: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extracts, "ROWS_AT_ONCE", 2)
    whole = written(filled_postgresql, "comments", tmp_path / "whole.jsonl")
    assert filled_postgresql.url is not None
    url, rows, ended = filled_postgresql.url, Extracts.rows, []

    def cut(asked: Extracts, *of: Any) -> Iterator[Any]:
        for row in rows(asked, *of):
            yield row
            if not ended:
                ended.append(row)
                end_sessions(url)

    monkeypatch.setattr(Extracts, "rows", cut)
    again = written(filled_postgresql, "comments", tmp_path / "again.jsonl")
    assert (again.digest, again.rows, len(ended)) == (whole.digest, whole.rows, 1)


def json_rows(store: Store, extract: Extract, folder: Path, part: Part = Part()) -> list[dict[str, Any]]:  # noqa: B008
    target = written(store, extract, folder / f"{extract}.jsonl", part, overwrite=True).file
    return [json.loads(line) for line in target.read_bytes().splitlines()]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("extract", TABLES)
def test_both_databases_give_the_same_bytes(
    filled: Store, filled_postgresql: Store, tmp_path: Path, extract: Extract, form: Format
) -> None:
    name = f"{extract}.{form}"
    there = [tmp_path / "sqlite" / name, tmp_path / "postgresql" / name]
    for store, target in zip((filled, filled_postgresql), there, strict=True):
        assert written(store, extract, target).rows > 0
    assert there[0].read_bytes() == there[1].read_bytes()
    packages = [target.with_name("datapackage.json").read_bytes() for target in there]
    assert packages[0] == packages[1]


def test_text_is_ordered_by_its_bytes_whatever_the_server_was_made_with(
    filled: Store, filled_postgresql: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with filled_postgresql.transaction() as tx:
        kind = type(tx._connection)
    execute = kind.execute

    def listening(self: Any, statement: Any, *more: Any, **options: Any) -> Any:
        asked.append(str(statement.compile(dialect=self.dialect)))
        return execute(self, statement, *more, **options)

    monkeypatch.setattr(kind, "execute", listening)
    list(filled_postgresql.extracts.rows("comments", Part()))
    order = next(one for one in asked if "ORDER BY" in one).partition("ORDER BY")[2]
    assert '(articles.external_id COLLATE "C") NULLS FIRST' in order
    assert order.count("COLLATE") == 4
    ids = [row["external_id"] for row in json_rows(filled, "articles", tmp_path)]
    assert ids == ["100", "B", "a", "\u00e9", "200"]


def test_what_was_taken_down_is_left_out(filled: Store, tmp_path: Path) -> None:
    for extract in TABLES:
        target = written(filled, extract, tmp_path / f"{extract}.jsonl").file
        assert "taken down" not in target.read_text()
        assert '"666"' not in target.read_text()
        assert '"14"' not in target.read_text()
    rows = {row["external_id"]: row for row in json_rows(filled, "comments", tmp_path)}
    assert rows["15"]["parent_external_id"] is None


def test_vanished_and_edited_rows_say_so(filled: Store, tmp_path: Path) -> None:
    rows = {row["external_id"]: row for row in json_rows(filled, "comments", tmp_path)}
    assert (rows["12"]["vanished"], rows["12"]["vanished_at"]) == (True, "2021-05-04T13:30:00Z")
    assert (rows["11"]["vanished"], rows["11"]["text"]) == (False, "changed")
    article, comment = json_rows(filled, "versions", tmp_path)
    assert (article["of"], article["title"], article["comment_external_id"]) == ("article", "old", None)
    assert (comment["of"], comment["text"], comment["comment_external_id"]) == ("comment", "first", "11")
    assert comment["title"] is None
    assert comment["valid_to"] == "2021-05-04T13:30:00Z"


def test_a_window_and_a_source_limit_the_rows(filled: Store, tmp_path: Path) -> None:
    def days(**limits: Any) -> set[str]:
        return {row["article_date"] for row in json_rows(filled, "comments", tmp_path, Part(**limits))}

    assert days() == {"2021-05-04", "2021-05-05"}
    assert days(since=DAY + timedelta(days=1)) == {"2021-05-05"}
    assert days(until=DAY) == {"2021-05-04"}
    assert days(sources=("harbour",), since=DAY, until=DAY) == {"2021-05-04"}
    assert days(sources=("pier",)) == set()


def test_json_lines_hold_every_character_and_break_for_nobody(filled: Store, tmp_path: Path) -> None:
    rows = {row["author"]: row["text"] for row in json_rows(filled, "comments", tmp_path)}
    assert {author: rows[author] for author in EVIL} == EVIL | {"nul": "ab \ufffd c"}
    text = (tmp_path / "comments.jsonl").read_text("utf-8")
    assert len(text.splitlines()) == len(text.split("\n")) - 1
    assert not set("\u202e\u200f\u2028\u0085") & set(text)


def test_csv_has_no_cell_that_begins_as_a_formula_does_and_is_read_back(
    filled: Store, tmp_path: Path
) -> None:
    target = written(filled, "comments", tmp_path / "comments.csv").file
    before = csv.field_size_limit(len(LONG))
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    csv.field_size_limit(before)
    texts = [cell for row in rows for name, cell in row.items() if name in {"author", "text"}]
    assert not [cell for cell in texts if re.match("[=+\\-@\t\r\n]", cell)]
    read = {plain(row["author"]): plain(row["text"]) for row in rows}
    assert {author: read[author] for author in EVIL} == EVIL | {"nul": "ab \ufffd c"}
    assert b',"no id",' in target.read_bytes()


def plain(cell: str) -> str:
    """A cell as the documentation says to read it."""
    return cell[1:] if re.match("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", cell) else cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1", "'=1"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'a", "'a"),
        ("a=1", "a=1"),
        ("", ""),
        ("\uff1d1", "'\uff1d1"),
    ],
)
def test_every_cell_is_harmless_and_its_text_can_be_had_back(text: str, cell: str) -> None:
    assert harmless(text) == cell
    assert plain(cell) == text


def test_duckdb_pandas_and_pyarrow_read_the_same(filled: Store, tmp_path: Path) -> None:
    lines = json_rows(filled, "comments", tmp_path)
    target = written(filled, "comments", tmp_path / "comments.parquet").file
    by_duckdb = duckdb.connect().execute(
        "SELECT external_id, text, posted_at::VARCHAR, vanished FROM read_parquet(?)", [str(target)]
    )
    held = by_duckdb.fetchall()
    frame = pandas.read_parquet(target)
    table = pyarrow.parquet.read_table(target)
    assert len(held) == len(frame) == table.num_rows == len(lines)
    expected = digest([(row["external_id"], row["text"], row["vanished"]) for row in lines])
    assert digest([(row[0], row[1], row[3]) for row in held]) == expected
    columns = zip(frame["external_id"], frame["text"], frame["vanished"], strict=True)
    assert (
        digest([(None if pandas.isna(one) else one, two, bool(three)) for one, two, three in columns])
        == expected
    )
    assert str(table.schema.field("posted_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("article_date").type) == "date32[day]"
    assert str(table.schema.field("number").type) == "int64"
    assert str(table.schema.field("vanished").type) == "bool"
    assert not table.schema.field("vanished").nullable
    assert table.schema.field("external_id").nullable
    assert str(frame["posted_at"].dtype) == "datetime64[us, UTC]"
    assert max(len(row["text"]) for row in lines) == len(LONG)


def digest(rows: list[Any]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def test_groups_of_rows_end_with_their_number_or_their_text(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.jobs.export.parquet.ROWS_AT_ONCE", 4)
    target = written(filled, "comments", tmp_path / "few.parquet").file
    found = pyarrow.parquet.read_metadata(target)
    assert found.num_row_groups == -(-found.num_rows // 4)
    monkeypatch.setattr("ingest.jobs.export.parquet.CHARACTERS_AT_ONCE", 1)
    target = written(filled, "comments", tmp_path / "each.parquet").file
    assert pyarrow.parquet.read_metadata(target).num_row_groups == found.num_rows


def test_an_empty_table_is_a_file_with_its_columns(filled: Store, tmp_path: Path) -> None:
    none = Part(sources=("pier",))
    for form in FORMATS:
        assert written(filled, "comments", tmp_path / f"none.{form}", none).rows == 0
    assert (tmp_path / "none.csv").read_text().startswith("source,article_external_id,")
    assert "text" in pyarrow.parquet.read_schema(tmp_path / "none.parquet").names
    assert (tmp_path / "none.jsonl").read_bytes() == b""


def test_the_description_is_valid_and_says_what_is_complete(filled: Store, tmp_path: Path) -> None:
    window = Part(sources=("harbour",), since=DAY - timedelta(days=2), until=DAY + timedelta(days=1))
    written(filled, "comments", tmp_path / "comments.csv", window)
    done = written(filled, "articles", tmp_path / "articles.parquet", window)
    package = json.loads(done.package.read_text())
    articles, comments = package["resources"]
    assert (articles["path"], comments["path"]) == ("articles.parquet", "comments.csv")
    assert articles["hash"] == f"sha256:{hashlib.sha256(done.file.read_bytes()).hexdigest()}"
    assert articles["bytes"] == done.file.stat().st_size
    more = comments["thresher"]
    assert (more["table"], more["rows"], more["exported_at"]) == ("comments", 17, "2021-06-01T12:00:00Z")
    assert more["completeness"]["complete"] is done.complete is False
    assert more["completeness"]["sources"]["harbour"] == {
        "days": {"complete": 0, "unproven": 0, "short": 0, "failed": 0, "not reached": 4},
        "not_complete": [{"since": "2021-05-02", "until": "2021-05-05", "state": "not reached"}],
    }
    report = Resource(comments, basepath=str(tmp_path)).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("mine")
    with pytest.raises(ConfigurationError, match="--overwrite"):
        written(filled, "articles", target)
    assert [path.name for path in tmp_path.glob("*.csv*")] == ["x.csv"]
    assert target.read_text() == "mine"
    assert written(filled, "articles", target, overwrite=True).rows == 5
    assert len(json.loads((tmp_path / "datapackage.json").read_text())["resources"]) == 1


@pytest.mark.parametrize(
    "text", ["{}", "no JSON", '{"thresher": {}, "resources": 1}', '{"thresher": {}, "resources": [1]}', "[]"]
)
def test_a_description_of_other_files_is_not_replaced(filled: Store, tmp_path: Path, text: str) -> None:
    (tmp_path / "datapackage.json").write_text(text)
    with pytest.raises(ConfigurationError, match="describes other files"):
        written(filled, "articles", tmp_path / "x.csv", overwrite=True)
    assert not (tmp_path / "x.csv").exists()


def test_no_data_has_the_name_of_the_description(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="description"):
        written(filled, "articles", tmp_path / "datapackage.json", form="jsonl")


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_nothing_new(filled: Store, tmp_path: Path, form: Format) -> None:
    target = tmp_path / "out" / f"x.{form}"
    target.parent.mkdir()
    target.write_text("before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(StoreUnusable, match="cannot be exported"):
            written(filled, "comments", target, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name: path.read_text() for path in target.parent.iterdir()} == {f"x.{form}": "before"}


KILLED = """
import os, sys
from pathlib import Path
from ingest.jobs.export.new_file import new_file
from ingest.jobs.export.run import WRITERS
from ingest.jobs.export.text_formats import write_json_lines
from ingest.store import Store
from tests.jobs.export.test_export import written

def dies(file, columns, rows):
    write_json_lines(file, columns, rows)
    file.flush()
    os.kill(os.getpid(), 9)

WRITERS["jsonl"] = dies
with Store.read(sys.argv[1]) as store:
    written(store, "comments", Path(sys.argv[2]), overwrite=True)
"""


@pytest.mark.long
def test_a_kill_leaves_the_file_that_was_there_and_the_next_export_clears_up(
    filled: Store, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "x.jsonl"
    target.parent.mkdir()
    target.write_text("before")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "held.sqlite3", target],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert done.returncode == -9
    assert target.read_text() == "before"
    assert {path.name for path in target.parent.iterdir()} == {"x.jsonl", "x.jsonl.part"}
    written(filled, "comments", target, overwrite=True)
    assert {path.name for path in target.parent.iterdir()} == {"x.jsonl", "datapackage.json"}


def test_two_exports_to_one_file_do_not_mix(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "out" / "x.csv"
    with new_file(target, overwrite=True) as file:
        file.write(b"the first")
        with pytest.raises(StoreUnusable, match="another export is writing it"):
            written(filled, "comments", target, overwrite=True)
    assert target.read_bytes() == b"the first"
    assert [path.name for path in target.parent.iterdir()] == ["x.csv"]


def test_the_extra_that_is_missing_is_named(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=re.escape("pip install 'thresher[parquet]'")):
        written(filled, "articles", tmp_path / "out" / "x.parquet")
    assert list((tmp_path / "out").iterdir()) == []


def test_rows_are_of_one_moment_and_read_while_others_write(filled: Store) -> None:
    rows = filled.extracts.rows("comments", Part())
    first = next(rows)
    visit(filled, section_page(articles()), at(3))
    assert len([first, *rows]) == 17
    assert date(2021, 5, 4) in first
