"""Owners and their ends: told apart at once, on files, on a server and in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ingest.errors import Busy, StoreUnusable
from ingest.store import Store
from ingest.store.coordination.presence import GUARD


@pytest.fixture(params=["file or server", "memory"])
def any_store(request: pytest.FixtureRequest, store: Store) -> Iterator[Store]:
    if request.param == "file or server":
        yield store
    else:
        with Store.open("sqlite://") as in_memory:
            yield in_memory


def test_an_owner_is_gone_once_its_context_has_ended(any_store: Store) -> None:
    with any_store.present() as owner:
        assert not any_store.is_gone(owner)
        assert not any_store.is_gone(owner)
    assert any_store.is_gone(owner)


def test_an_error_ends_an_owner_too_and_comes_through(any_store: Store) -> None:
    owners = []

    def fail() -> None:
        with any_store.present() as owner:
            owners.append(owner)
            raise OSError("disk on fire")

    with pytest.raises(OSError, match="disk on fire"):
        fail()
    assert any_store.is_gone(owners[0])


def test_two_owners_of_one_process_are_two(any_store: Store) -> None:
    with any_store.present() as first:
        with any_store.present() as second:
            assert first != second
        assert (any_store.is_gone(first), any_store.is_gone(second)) == (False, True)


def test_an_id_that_never_was_one_is_gone(any_store: Store) -> None:
    assert any_store.is_gone("nobody")


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_files_of_those_that_ended_or_died_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "held.db.owners"
    with Store.open(str(tmp_path / "held.db")) as store:
        with store.present() as owner:
            assert files(folder) == {GUARD, f"{owner}.lock"}
            # A killed process leaves its file, and no lock on it.
            (folder / "dead.lock").touch()
            (folder / "forgotten.lock").touch()
            assert store.is_gone("dead")
            assert files(folder) == {GUARD, f"{owner}.lock", "forgotten.lock"}
        with store.present() as owner:
            assert files(folder) == {GUARD, f"{owner}.lock"}
        assert files(folder) == {GUARD}


def test_an_id_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside.lock"
    outside.touch()
    with Store.open(str(tmp_path / "held.db")) as store:
        assert store.is_gone("../outside")
    assert outside.exists()


def test_a_lock_that_cannot_be_asked_for_is_taken_for_held(tmp_path: Path) -> None:
    (tmp_path / "held.db.owners" / "odd.lock").mkdir(parents=True)
    with Store.open(str(tmp_path / "held.db")) as store:
        assert not store.is_gone("odd")
        with store.present() as owner:
            assert not store.is_gone(owner)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "held.db.owners").write_text("not a folder")
    refused = pytest.raises(StoreUnusable, match=r"held\.db\.owners")
    with Store.open(str(tmp_path / "held.db")) as store, refused, store.present():
        pass


def test_asking_takes_no_lock_away(store: Store) -> None:
    with store.present() as owner:
        for _ in range(20):
            assert not store.is_gone(owner)
        with store.transaction(), Store.open(store_url(store)) as other:
            assert not other.is_gone(owner)


def test_an_owner_whose_server_let_it_go_is_gone_and_ends_without_an_error(
    newest_postgresql: Callable[[], str],
) -> None:
    ended = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()"""
    with Store.open(newest_postgresql()) as store, Store.open(store_url(store)) as other:
        with store.present() as owner, other.transaction() as tx:
            tx._connection.execute(text(ended))
            assert other.is_gone(owner)
        assert store.is_gone(owner)


def store_url(store: Store) -> str:
    assert store.url is not None
    return store.url


ENDED = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()"""


def test_a_run_whose_session_was_ended_takes_its_locks_again(newest_postgresql: Callable[[], str]) -> None:
    with Store.open(newest_postgresql()) as store, Store.open(store_url(store)) as other:
        with store.lock("harbour"), store.present() as owner:
            with other.transaction() as tx:
                tx._connection.execute(text(ENDED))
            assert other.is_gone(owner)
            with store.transaction():
                assert not other.is_gone(owner)
            with pytest.raises(Busy), other.lock("harbour"):
                pass
        with other.lock("harbour"):
            assert other.is_gone(owner)


def test_a_run_whose_lock_is_another_s_by_now_writes_nothing(newest_postgresql: Callable[[], str]) -> None:
    refused = pytest.raises(Busy, match="another run holds")
    with (
        Store.open(newest_postgresql()) as store,
        Store.open(store_url(store)) as other,
        store.lock("harbour"),
    ):
        with other.transaction() as tx:
            tx._connection.execute(text(ENDED))
        with other.lock("harbour"), refused, store.transaction():
            raise AssertionError("another run is at work")
