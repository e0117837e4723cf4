"""A database copied into another one: all of it, once, and whatever ends the copying in between."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from ingest.cli.main import thresher
from ingest.clock import SystemClock
from ingest.errors import Busy, ConfigurationError, StoreUnusable
from ingest.jobs.database_copy import DatabaseCopy, copy_database
from ingest.records.search import Query
from ingest.store import Store
from ingest.store.copying import rows as copying
from ingest.store.database.schema import comments, metadata
from tests.jobs.copy.conftest import IDS, fill, value
from tests.kit import rows
from tests.kit.rig import NOON
from tests.store.test_retrying import end_sessions

ROOT = Path(__file__).parents[3]


def copy(
    origin: str, target: str, on_progress: Callable[[int, int], None] = lambda _d, _t: None
) -> DatabaseCopy:
    with Store.open(origin, upgrade=False, make=False) as store:
        return copy_database(store, target, clock=SystemClock(), on_progress=on_progress)


def everything(url: str) -> dict[str, rows.Rows]:
    return {name: sorted(rows.table(url, name), key=lambda row: row["id"]) for name in metadata.tables}


@pytest.fixture(autouse=True)
def _two_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each table is written in three transactions."""
    monkeypatch.setattr(copying, "AT_ONCE", 2)
    copying._after.cache_clear()
    yield
    copying._after.cache_clear()


def test_every_row_is_copied_and_the_copy_is_a_database(origin: str, target: str) -> None:
    steps: list[tuple[int, int]] = []
    done = copy(origin, target, lambda done, total: steps.append((done, total)))
    assert (done.differing, done.resumed, done.copied) == ((), False, len(IDS) * len(metadata.tables))
    assert everything(target) == everything(origin)
    assert rows.tables(target) == {*metadata.tables, "alembic_version"} | words(target)
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    with Store.open(target, upgrade=False, make=False) as store:
        assert store.search(Query(words="plain")).total == 2
        assert store.runs.begin("harvest", "rantburg", NOON) == IDS[-1] + 1
    # The triggers of the index are there again.
    with rows.Connected(target) as connection, connection.begin():
        added = {one.name: value(comments, one, 1) for one in comments.columns if one.name != "id"}
        connection.execute(insert(comments), {**added, "external_id": "new", "text": "plain as day"})
    with Store.read(target) as store:
        assert store.search(Query(words="plain")).total == 3


def words(url: str) -> set[str]:
    return {name for name in rows.tables(url) if name.startswith(("article_words", "comment_words"))}


class Killed(BaseException):
    """As a kill: nothing that is open is brought to an end."""


@contextmanager
def killed_after(steps: int) -> Iterator[Callable[[int, int], None]]:
    left = steps

    def count(_done: int, _total: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    yield count


def test_a_copy_that_was_broken_off_is_taken_up(origin: str, target: str) -> None:
    for steps in (1, 14, 14, 9):
        with killed_after(steps) as count, pytest.raises(Killed):
            copy(origin, target, count)
        with pytest.raises(StoreUnusable, match="unfinished copy: run `thresher db copy` again"):
            Store.open(target)
    done = copy(origin, target)
    assert (done.differing, done.resumed) == ((), True)
    assert 0 < done.copied < done.rows
    assert everything(target) == everything(origin)


def test_only_an_empty_database_is_copied_into(origin: str, file: str) -> None:
    Store.open(file).close()  # its tables are no rows
    copy(origin, file)
    with pytest.raises(ConfigurationError, match=r"is not empty \(hosts, robots, runs\)"):
        copy(origin, file)
    with pytest.raises(ConfigurationError, match="is the database itself"):
        copy(file, file)


def test_a_database_of_something_else_is_left_alone(origin: str, file: str) -> None:
    with rows.Connected(file) as connection, connection.begin():
        connection.exec_driver_sql("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(ConfigurationError, match=r"is not empty \(invoices\)"):
        copy(origin, file)
    assert rows.tables(file) == {"invoices"}


def test_an_unfinished_copy_is_taken_up_for_the_same_rows_alone(
    origin: str, file: str, tmp_path: Path
) -> None:
    target, other = file, str(tmp_path / "other.db")
    with killed_after(3) as count, pytest.raises(Killed):
        copy(origin, target, count)
    Store.open(other).close()
    with pytest.raises(ConfigurationError, match=r"unfinished copy of .*: remove that database"):
        copy(other, target)
    rows.execute(origin, "DELETE FROM spending WHERE id = 1")
    with pytest.raises(ConfigurationError, match="which has changed since"):
        copy(origin, target)


def test_a_copy_that_differs_stays_unfinished(origin: str, file: str) -> None:
    def change(done: int, total: int) -> None:
        if done == total:
            return
        if done == len(IDS) * len(metadata.tables) and not changed:
            changed.append(done)
            rows.execute(file, "UPDATE pages SET attempts = 77 WHERE id = 5")

    changed: list[int] = []
    assert copy(origin, file, change).differing == ("pages",)
    with pytest.raises(StoreUnusable, match="unfinished copy"):
        Store.open(file)


def test_who_works_on_the_database_is_named(origin: str, file: str) -> None:
    refused = pytest.raises(Busy, match="another run holds source-1")
    with Store.open(origin) as store, store.lock("source-1"), refused:
        copy(origin, file)


@pytest.mark.long
def test_who_writes_postgresql_without_a_run_is_seen(
    newest_postgresql: Callable[[], str], tmp_path: Path
) -> None:
    origin = newest_postgresql()
    with Store.open(origin) as store:
        store.runs.begin("harvest", None, NOON)
        with rows.Connected(origin) as connection, connection.begin():
            connection.exec_driver_sql("UPDATE runs SET pid = 1")
            with pytest.raises(Busy, match="another process is writing to"):
                copy(origin, str(tmp_path / "copy.db"))


@pytest.mark.long
def test_a_session_that_is_ended_amid_the_rows(
    newest_postgresql: Callable[[], str], new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, target = filled(newest_postgresql()), new_postgresql()
    ended = 0

    def ending(url: str) -> None:
        real = copying.storable
        monkeypatch.undo()

        def strike(text: str) -> str:
            nonlocal ended
            if text.startswith("3 tab") and not ended:
                ended += 1
                end_sessions(url)
            return real(text)

        monkeypatch.setattr(copying, "storable", strike)

    ending(target)
    assert copy(origin, target).differing == ()
    assert ended == 1
    assert everything(target) == everything(origin)
    # The session of the database that is copied has its moment: that cannot be had back.
    ended, other = 0, new_postgresql()
    ending(origin)
    with pytest.raises(StoreUnusable):
        copy(origin, other)
    assert copy(origin, other).resumed in {True, False}
    assert everything(other) == everything(origin)


def filled(url: str) -> str:
    with rows.Connected(url) as connection, connection.begin():
        fill(connection)
    return url


@pytest.mark.parametrize("origin", ["sqlite"], indirect=True)
def test_a_value_that_the_other_database_cannot_hold_is_named(
    origin: str, new_postgresql: Callable[[], str]
) -> None:
    rows.execute(origin, "UPDATE articles SET views = 3000000000 WHERE id = 2")
    with pytest.raises(StoreUnusable, match=r"a row of articles cannot be stored.*out of range"):
        copy(origin, new_postgresql())


def test_the_command(origin: str, file: str) -> None:
    said = CliRunner().invoke(thresher, ["--database", origin, "db", "copy", "--to", file, "--json"])
    assert said.exit_code == 0, said.output
    answer = json.loads(said.stdout)
    assert (answer["equal"], answer["differing"], answer["rows"]) == (True, [], answer["copied"])
    assert answer["tables"]["comments"]["rows"] == len(IDS)
    secret = "postgresql://me:hidden@127.0.0.1:1/thresher"
    refused = CliRunner().invoke(thresher, ["--database", origin, "db", "copy", "--to", secret])
    assert isinstance(refused.exception, StoreUnusable)
    assert "hidden" not in f"{refused.output}{refused.exception}"


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from ingest.cli.main import main
from ingest.store.copying import rows
rows.AT_ONCE, left = 50, int(sys.argv[3])
def commit(connection):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "commit", commit)
sys.argv = ["thresher", "--database", sys.argv[1], "db", "copy", "--to", sys.argv[2]]
main()
"""


@pytest.mark.long
def test_killed_again_and_again_it_ends_with_all_rows(
    target: str, newest_postgresql: Callable[[], str]
) -> None:
    origin = filled(newest_postgresql())
    rows.execute(origin, MANY)
    for commits in (1, 2, 9, 22, 0):
        command = [sys.executable, "-c", KILLED, origin, target, str(commits)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == (-signal.SIGKILL if commits else 0), done.stderr
    assert everything(target) == everything(origin)


MANY = """
INSERT INTO comments (id, article_id, external_id, posted_at, posted_local, text, first_seen_at, last_seen_at,
                      capture_id, parser, revision, content_digest)
SELECT 1000 + n, 1, 'many-' || n, now(), '', 'word ' || n, now(), now(), 1, 'p', 1, 'd'
FROM generate_series(1, 2000) AS n
"""
