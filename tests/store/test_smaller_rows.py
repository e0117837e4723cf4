"""Revision 0017: the same rows in less room, also of a large database that is rewritten in parts."""

import logging
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alembic import command
from sqlalchemy import Engine, text

from ingest.errors import StoreUnusable
from ingest.store import Store
from ingest.store.database import migrate, upgrading
from ingest.store.database.engine import open_engine, read_url
from tests.kit import rows

BEFORE = "0016"
DIGEST = "0a" * 32
TEXT, HTML = "a harbour", "a <b>harbour</b>"
OLD_AND_NEW = {
    TEXT: None,
    HTML: HTML,
    None: "",
    "": "<!---->",
    "<!---->": "<!----><!---->",
}
"""What a column ``html`` has before and behind."""
MOMENTS = ("1969-12-31T23:59:59.250000Z", "2021-05-04T12:00:00.000001Z", "0001-01-01T00:00:00.000000Z")
MANY = 60


@pytest.fixture
def engine(url: str):
    opened = open_engine(read_url(url))
    yield opened
    opened.dispose()


def move(engine: Engine, step: Callable[..., None], to: str) -> None:
    with upgrading._migration(engine) as connection:
        step(upgrading._config(connection, migrate.MIGRATIONS), to)


def fill(engine: Engine) -> None:
    """A database of before with every kind of row."""
    move(engine, command.upgrade, BEFORE)
    made: dict[str, list[dict[str, Any]]] = {"articles": [], "comments": [], "article_versions": []}
    made["comment_versions"] = []
    htmls = [*OLD_AND_NEW, *[TEXT] * (MANY - len(OLD_AND_NEW))]
    for number, html in enumerate(htmls, 1):
        moment = MOMENTS[number % len(MOMENTS)]
        content = {"text": TEXT, "html": html, "posted_at": moment, "posted_local": "", "parser": "p"}
        content |= {"capture_id": 1, "revision": 1, "id": number}
        seen = {
            "first_seen_at": moment,
            "last_seen_at": moment,
            "vanished_at": None if number % 2 else moment,
        }
        valid = {"valid_from": moment, "valid_to": moment}
        article = {"date": "2021-05-04", "title": f"title {number}"}
        digest = {"content_digest": DIGEST if number % 3 else ""}
        own = {"source": "harbour", "external_id": str(number), "claimed_at": moment}
        made["articles"].append(content | seen | article | digest | own)
        made["comments"].append(content | seen | digest | {"article_id": number, "external_id": "1"})
        made["article_versions"].append(content | valid | article | {"article_id": number})
        made["comment_versions"].append(content | valid | {"comment_id": number})
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO captures (id, source, url, captured_at, status, digest, warc_file, warc_offset, "
                "warc_length, framed) VALUES (1, 'harbour', 'https://harbour.example/', "
                "'2021-05-04T12:00:00.000000Z', 200, 'd', 'a.warc.gz', 0, 9, true)"
            )
        )
        for name, some in made.items():
            columns = list(some[0])
            values = ", ".join(f":{column}" for column in columns)
            connection.execute(text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"), some)


TABLES = ("articles", "comments", "article_versions", "comment_versions")


def plain(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The tables as the database itself has them."""
    with engine.connect() as connection:
        return {
            name: [
                tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
                for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY id"))
            ]
            for name in TABLES
        }


def test_every_row_reads_the_same_before_and_behind(url: str, engine: Engine) -> None:
    fill(engine)
    old = plain(engine)
    migrate.upgrade(engine)
    for name in TABLES:
        held = rows.table(url, name)
        assert [row["html"] for row in held[:5]] == list(OLD_AND_NEW)
        assert {row["text"] for row in held} == {TEXT}
        assert held[0]["posted_at"].isoformat() == "2021-05-04T12:00:00.000001+00:00"
        if "content_digest" in held[0]:
            assert [row["content_digest"] for row in held[:3]] == [DIGEST, DIGEST, ""]
    with engine.connect() as connection:
        stored = list(connection.execute(text("SELECT html FROM comments ORDER BY id")).scalars())
    assert stored[:5] == list(OLD_AND_NEW.values())
    move(engine, command.downgrade, BEFORE)
    assert plain(engine) == old


def test_views_show_moments_and_the_whole_html(engine: Engine) -> None:
    fill(engine)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        for view, moment in (("comments", "last_seen_at"), ("comment_versions", "valid_to")):
            asked = f"SELECT posted_at, {moment}, html FROM v_{view} WHERE id < 6 ORDER BY id"
            found = connection.execute(text(asked)).all()
            assert [row.html for row in found] == list(OLD_AND_NEW)
            wanted = [f"{MOMENTS[number % 3][:19]}Z" for number in range(1, 6)]
            assert [row[0] for row in found] == [row[1] for row in found] == wanted
        for view in ("articles", "article_versions"):
            asked = f"SELECT html FROM v_{view} WHERE id < 6 ORDER BY id"
            assert list(connection.execute(text(asked)).scalars()) == list(OLD_AND_NEW)


def test_the_index_of_words_and_its_triggers_stay(url: str, engine: Engine) -> None:
    fill(engine)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE comments SET text = 'a lighthouse' WHERE id = 3"))
        is_sqlite = engine.dialect.name == "sqlite"
        match = (
            "comment_words MATCH 'lighthouse'" if is_sqlite else "words @@ to_tsquery('simple', 'lighthouse')"
        )
        key = "rowid" if is_sqlite else "id"
        found = connection.execute(text(f"SELECT {key} FROM comment_words WHERE {match}")).scalars()
        assert list(found) == [3]


@pytest.fixture
def large(tmp_path: Path) -> Engine:
    """A small file that is rewritten as a large one is: the child processes are told so by PARTS."""
    engine = open_engine(read_url(str(tmp_path / "large.db")))
    fill(engine)
    return engine


PARTS = """
import sys
from ingest.store import Store
from ingest.store.database import upgrading, rewriting

within = upgrading._in_parts

def smaller(*arguments):
    modules = within(*arguments)
    for module in modules:
        module.MANY, module.AT_ONCE = 5, 7
    return modules

upgrading._in_parts = smaller
part = rewriting._part

def killed(*arguments, left=[int(sys.argv[2])]):
    left[0] -= 1
    if not left[0]:
        import os
        os.kill(os.getpid(), 9)
    return part(*arguments)

rewriting._part = killed
Store.open(sys.argv[1]).close()
"""


def upgraded_in_parts(engine: Engine, killed_at: int) -> int:
    ran = subprocess.run(
        [sys.executable, "-c", PARTS, str(engine.url.database), str(killed_at)],
        check=False,
        capture_output=True,
    )
    return ran.returncode


@pytest.mark.long
def test_killed_again_and_again_it_ends_with_all_rows(large: Engine, tmp_path: Path) -> None:
    large.dispose()  # the last to close it merges its log
    shutil.copy(str(large.url.database), tmp_path / "whole.db")
    Store.open(str(tmp_path / "whole.db")).close()
    for killed_at in (3, 4, 9):
        assert upgraded_in_parts(large, killed_at) == -signal.SIGKILL
        assert migrate.revision(large) == "unfinished upgrade 0017"
        with pytest.raises(Exception, match="upgrade"):
            Store.read(str(large.url.database))
        with large.begin() as connection, pytest.raises(Exception, match="is being upgraded"):
            connection.execute(text("UPDATE comments SET number = 3 WHERE id = 1"))
    assert upgraded_in_parts(large, 0) == 0
    assert migrate.revision(large) == migrate.newest()
    whole = open_engine(read_url(str(tmp_path / "whole.db")))
    assert plain(large) == plain(whole)
    assert {len(some) for some in plain(large).values()} == {MANY}
    with large.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0
        triggers = "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        found = connection.exec_driver_sql(triggers).all()
    with whole.connect() as connection:
        assert connection.exec_driver_sql(triggers).all() == found


def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    within = upgrading._in_parts

    def smaller(*arguments: Any) -> Any:
        modules = within(*arguments)
        for module in modules:
            monkeypatch.setattr(module, "MANY", 5)
        return modules

    monkeypatch.setattr(upgrading, "_in_parts", smaller)


class Usage(NamedTuple):
    free: int


def test_a_disk_with_too_little_room_is_refused_before_anything(
    large: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    in_parts(monkeypatch)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000))
    with pytest.raises(StoreUnusable, match=r"needs .* MB of free disk .* nothing was changed"):
        migrate.upgrade(large)
    assert migrate.revision(large) == BEFORE
    assert "this needs" in caplog.text


def test_without_room_to_compact_the_file_keeps_its_size(
    large: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    in_parts(monkeypatch)
    caplog.set_level(logging.WARNING)
    answers = iter([Usage(10**12)])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: next(answers, Usage(1000)))
    migrate.upgrade(large)
    assert migrate.revision(large) == migrate.newest()
    assert "VACUUM it later" in caplog.text
