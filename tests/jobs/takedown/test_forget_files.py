"""The database's own files after a takedown: the words are in none of them."""

import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import create_engine, text

from ingest.store import Store
from ingest.store.database.engine import read_url
from ingest.store.takedown import scrubbing as forgetting
from tests.cli.conftest import Call
from tests.kit.marks import long
from tests.kit.parsed import NOON, article, at, comment, section_page
from tests.kit.rig import DAY, Rig
from tests.kit.visits import visit
from tests.site.model import edit_comment
from tests.site.pieces import Text

WORDS = b"an unrepeatable remark about the towpath"
OLDER = b"an earlier and longer and quite unrepeatable remark about the towpath"


def holding(folder: Path, words: bytes) -> list[str]:
    """The names of the files below a folder that hold these bytes."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and words in path.read_bytes())


def said(rig: Rig) -> tuple[str, str]:
    """A comment that says the words, and the older ones before; its article's id and its own."""
    one = rig.site.days[DAY].articles[0]
    for words in (OLDER, WORDS):
        rig.site.change(
            DAY,
            lambda day, words=words: edit_comment(
                day, one.external_id, one.comments[0].external_id, (Text(words.decode()),)
            ),
        )
        rig.harvest(DAY, full=True)
    return one.external_id, one.comments[0].external_id


@pytest.mark.parametrize("whole", [*long(True), False], ids=["article", "comment"])
def test_no_file_of_the_database_keeps_the_words(rig: Rig, call: Call, tmp_path: Path, whole: bool) -> None:
    article_id, comment_id = said(rig)
    with sqlite3.connect(tmp_path / "held.sqlite3") as kept_open:
        kept_open.execute("SELECT 1 FROM runs").close()  # so that the log is not folded in when others leave
        rig.harvest(DAY, full=True)
        assert [bool(holding(tmp_path, words)) for words in (WORDS, OLDER)] == [True, True]
        assert (tmp_path / "held.sqlite3-wal").stat().st_size > 0
        called = call("forget", article_id if whole else comment_id, "--reason", "asked", "--json")
        assert (called.code, called.json["scrubbed"], called.json["versions"]) == (0, True, 1)
        assert [holding(tmp_path, words) for words in (WORDS, OLDER)] == [[], []]
        assert (tmp_path / "held.sqlite3-wal").stat().st_size == 0
    kept_open.close()
    title = rig.site.days[DAY].articles[0].title.encode()
    assert bool(holding(tmp_path, title)) is not whole


@pytest.mark.long
def test_a_reader_in_the_way_is_told_and_a_rerun_finishes(
    rig: Rig, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BUSY_TIMEOUT_MS", 1)
    _, comment_id = said(rig)
    reader = sqlite3.connect(tmp_path / "held.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM comments").fetchall()
    called = call("forget", comment_id, "--reason", "asked", "--json")
    assert (called.code, called.json["scrubbed"], called.json["comments"]) == (1, False, 1)
    assert "(another process reads the database): run it again" in called.err
    reader.close()
    called = call("forget", comment_id, "--reason", "asked", "--json")
    assert (called.code, called.json["scrubbed"], called.json["already"]) == (0, True, True)
    assert holding(tmp_path, WORDS) == []


def test_a_writer_in_the_way_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BUSY_TIMEOUT_MS", 1)
    with Store.open(str(tmp_path / "held.db")) as store, store.transaction():
        assert store.scrub() == "database is locked"


def test_in_memory_nothing_is_left_anyway() -> None:
    with Store.open("sqlite://") as store:
        assert store.scrub() is None


def data_folder(url: str) -> Path:
    (socket,) = parse_qs(urlsplit(url).query)["host"]
    return Path(socket) / "data" / "base"


def execute(url: str, statement: str) -> None:
    engine = create_engine(read_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_postgresql_keeps_no_words_in_its_tables(newest_postgresql, monkeypatch: pytest.MonkeyPatch) -> None:
    url = newest_postgresql()
    with Store.open(url) as store:
        for hours, words in enumerate((OLDER, WORDS)):
            shown = section_page([article("100", [comment("11", text=words.decode())])])
            visit(store, shown, at(hours))
        execute(url, "CHECKPOINT")
        assert holding(data_folder(url), WORDS)
        with store.transaction() as tx:
            tx.suppress("harbour", "100", "11", reason="asked", suppressed_at=NOON)
        assert store.scrub() is None
        execute(url, "CHECKPOINT")
        assert holding(data_folder(url), WORDS) == holding(data_folder(url), OLDER) == []
        monkeypatch.setattr(forgetting, "BUSY_TIMEOUT_MS", 50)
        with store.transaction() as tx:
            tx.held("harbour", {"100"})
            assert "lock timeout" in str(store.scrub())
