"""Several processes on one store, some of them killed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ingest.errors import Busy, StoreUnusable
from ingest.records.pages import PageState
from ingest.store import Store
from tests.kit.child import ROOT, Child, program
from tests.kit.parsed import DAY, at
from tests.kit.waiting import until

ADD_ONE_A_HUNDRED_TIMES = """
import sys
from ingest.store.database.engine import open_engine, read_url, writer
engine = writer(open_engine(read_url(sys.argv[1])))
for _ in range(100):
    with engine.begin() as connection:
        seen = connection.exec_driver_sql("SELECT attempts FROM pages").scalar()
        connection.exec_driver_sql(f"UPDATE pages SET attempts = {seen + 1}")
"""

HALF_A_PAGE = """
import sys
from ingest.decide.changes.decide import decide
from ingest.store import Store
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.visits import capture_row
with Store.open(sys.argv[1]) as store, store.transaction() as tx:
    page = section_page([article("100", [comment("9", 1)])])
    held = tx.held("harbour", {"100"}, page.date)
    capture = tx.captures.add(capture_row())
    tx.load(decide(page, held, captured_at=at(0), complete=True), capture)
    print("ready", flush=True)
    sys.stdin.read()
"""

HOLD_THE_LOCK = """
import sys
from ingest.store import Store
from tests.kit.parsed import NOON
with Store.open(sys.argv[1]) as store, store.lock("harbour"):
    store.runs.begin("harvest", "harbour", NOON)
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def running(words: str, url: str) -> Iterator[Child]:
    """The program, when it has said that it is ready; killed afterwards."""
    with program(words, ROOT, url, listens=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.mark.long
def test_four_processes_lose_no_update(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'held.db'}"
    with Store.open(url) as store:
        with store.transaction() as tx:
            tx.ledger.put(PageState(source="harbour", day=DAY, section=1, state="leased"))
        processes = [program(ADD_ONE_A_HUNDRED_TIMES, ROOT, url) for _ in range(4)]
        for process in processes:
            process.communicate()
        assert [process.returncode for process in processes] == [0, 0, 0, 0]
        assert store.ledger.coverage()[0].attempts == 400


@pytest.mark.long
def test_a_kill_within_a_transaction_leaves_nothing(url: str) -> None:
    Store.open(url).close()
    with running(HALF_A_PAGE, url):
        pass
    with Store.open(url) as store:
        assert store.captures.between() == ()
        assert store.articles.named(None, "100") is None


def test_a_second_run_is_refused_and_told_who_holds_the_source(url: str) -> None:
    with Store.open(url) as store, running(HOLD_THE_LOCK, url) as holder:
        told = rf"holds harbour: harvest, process {holder.pid} on .*, since 2021-05-04T12:00:00"
        with pytest.raises(Busy, match=told), store.lock("harbour"):
            pass
        with store.lock("another"):
            pass


def test_a_killed_run_frees_its_source(url: str) -> None:
    with Store.open(url) as store:
        with running(HOLD_THE_LOCK, url):
            pass
        # PostgreSQL sees that its client is gone a moment after the kernel does.
        until(lambda: can_lock(store))


def can_lock(store: Store) -> bool:
    with suppress(Busy), store.lock("harbour"):
        return True
    return False


@pytest.fixture(params=["file or server", "memory"])
def any_store(request: pytest.FixtureRequest, store: Store) -> Iterator[Store]:
    if request.param == "file or server":
        yield store
    else:
        with Store.open("sqlite://") as in_memory:
            yield in_memory


def test_a_lock_is_free_again_after_its_run(any_store: Store) -> None:
    for _ in range(2):
        refused = pytest.raises(Busy, match="another run holds harbour")
        with any_store.lock("harbour"), refused, any_store.lock("harbour"):
            pass


def test_a_lock_is_freed_by_an_error_which_comes_through(any_store: Store) -> None:
    with pytest.raises(OSError, match="archive full"), any_store.lock("harbour"):
        raise OSError("archive full")
    with any_store.lock("harbour"):
        pass


def test_a_source_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "held.db")) as store, store.lock("../up"):
        assert [file.name for file in tmp_path.glob("*.lock")] == ["held.db...%2Fup.lock"]


def test_a_lock_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "held.db.harbour.lock").mkdir()
    refused = pytest.raises(StoreUnusable, match=r"held\.db\.harbour\.lock")
    with Store.open(str(tmp_path / "held.db")) as store, refused, store.lock("harbour"):
        pass


def test_a_run_without_an_end_is_only_told_of_its_own_source(store: Store) -> None:
    store.runs.begin("harvest", "another", at(0))
    with store.lock("harbour"), pytest.raises(Busy) as caught, store.lock("harbour"):
        pass
    assert "process" not in str(caught.value)


@pytest.mark.parametrize("link", ["file", "folder"])
def test_a_database_that_is_reached_by_a_link_has_the_same_locks(tmp_path: Path, link: str) -> None:
    (folder := tmp_path / "real").mkdir()
    path = folder / "held.db"
    Store.open(str(path)).close()
    alias = tmp_path / "alias"
    alias.symlink_to(path if link == "file" else folder)
    other = alias if link == "file" else alias / "held.db"
    with Store.open(str(path)) as store, Store.open(str(other)) as linked:
        with store.lock("harbour"), pytest.raises(Busy), linked.lock("harbour"):
            pass
        with store.present() as owner:
            assert not linked.is_gone(owner)
        assert linked.is_gone(owner)
