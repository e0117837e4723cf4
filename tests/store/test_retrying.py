"""PostgreSQL ends a session in the middle of a transaction, or at its commit: it is done once more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from ingest.errors import Busy, SessionLost
from ingest.records.pages import PageState
from ingest.store import Claim, Store, Transaction
from ingest.store.database import engine
from ingest.store.database.retrying import with_schema
from tests.kit import rows
from tests.kit.postgres import LASTING, Server, binaries_or_skip, started
from tests.kit.rig import DAY, NOON

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
PAGE = PageState(source="rantburg", day=DAY, section=1, state="pending")


@pytest.fixture
def url(newest_postgresql: Callable[[], str]) -> str:
    return newest_postgresql()


class Page:
    """Writes one page of the ledger; ``fault`` comes after the writing, in the attempts that are named."""

    def __init__(self, fault: Callable[[], None], *attempts: int) -> None:
        self._fault = fault
        self._attempts = attempts
        self.attempts = 0

    def __call__(self, transaction: Transaction) -> int:
        self.attempts += 1
        entered = transaction.ledger.enlist([PAGE])
        if self.attempts in self._attempts:
            self._fault()
            transaction.ledger.enlist([PAGE])
        return entered


def end_sessions(url: str) -> None:
    """All sessions of the database but the one that asks for it, which is of another."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address.set(database="postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(END_ALL), {"name": address.database})
    engine.dispose()


@contextmanager
def at_commit(fault: Callable[[Any], None], *, of: int = 1) -> Iterator[None]:
    """``fault`` strikes as a transaction is to be committed, so many times."""
    left = of

    def strike(connection: Any) -> None:
        nonlocal left
        if connection.engine.url.database != "postgres" and left > 0:
            left -= 1
            fault(connection)

    event.listen(Engine, "commit", strike)
    try:
        yield
    finally:
        event.remove(Engine, "commit", strike)
    assert left == 0


def pages(url: str) -> int:
    return len(rows.table(url, "pages"))


def test_ended_in_the_middle_it_is_done_once_more(url: str, store: Store) -> None:
    page = Page(lambda: end_sessions(url), 1)
    assert store.transact(page) == 1
    assert (page.attempts, pages(url)) == (2, 1)


def test_ended_twice_it_costs_the_run(url: str, store: Store) -> None:
    page = Page(lambda: end_sessions(url), 1, 2)
    with pytest.raises(SessionLost):
        store.transact(page)
    assert (page.attempts, pages(url)) == (2, 0)


def test_ended_within_a_page_of_many(url: str, store: Store) -> None:
    attempts = 0

    def many(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        with transaction.page():
            transaction.ledger.enlist([PAGE])
            if attempts == 1:
                end_sessions(url)

    store.transact(many)
    assert (attempts, pages(url)) == (2, 1)


def test_ended_before_its_commit(url: str, store: Store) -> None:
    page = Page(lambda: None)
    with at_commit(lambda _: end_sessions(url)):
        assert store.transact(page) == 1
    assert (page.attempts, pages(url)) == (2, 1)


def test_committed_without_an_answer_it_is_not_done_again(url: str, store: Store) -> None:
    page = Page(lambda: None)

    def unanswered(connection: Any) -> None:
        driver = connection.connection.driver_connection
        driver.execute("COMMIT")
        driver.close()

    with at_commit(unanswered):
        assert store.transact(page) == 1
    assert (page.attempts, pages(url)) == (1, 1)


def test_a_lock_is_taken_again(url: str, store: Store) -> None:
    page = Page(lambda: end_sessions(url), 1)
    with Store.open(url) as other, store.lock("rantburg"):
        assert store.transact(page) == 1
        with pytest.raises(Busy, match="another run holds rantburg"), other.lock("rantburg"):
            raise AssertionError("two hold it")
    assert (page.attempts, pages(url)) == (2, 1)


@pytest.mark.long
def test_a_number_that_another_transaction_has_after_a_crash_is_not_ours() -> None:
    with started(binaries_or_skip(), LASTING) as server:
        autocommit(server.url, "CREATE DATABASE work")
        page = Page(lambda: None)

        def crash(connection: Any) -> None:
            number = connection.exec_driver_sql("SELECT txid_current()").scalar()
            server.stop()
            server.start()
            while (taken := autocommit(server.url, "SELECT txid_current()")) < number:
                pass
            assert taken == number, "the log had more than what was committed"

        with Store.open(server.url.replace("/postgres?", "/work?")) as store:
            with at_commit(crash):
                assert store.transact(page) == 1
            assert (page.attempts, store.ledger.coverage()[0].state) == (2, "pending")


def autocommit(url: str, statement: str) -> Any:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        result = connection.execute(text(statement))
        value = result.scalar() if result.returns_rows else None
    engine.dispose()
    return value


def test_a_rehearsal_is_done_once_more_and_taken_back(url: str, store: Store) -> None:
    page = Page(lambda: end_sessions(url), 1)
    assert store.rehearse(page) == 1
    assert (page.attempts, pages(url)) == (2, 0)


def test_a_schema_is_looked_at_once_more() -> None:
    looked: list[Engine] = []

    def prepare(engine: Engine) -> None:
        looked.append(engine)
        if len(looked) == 1:
            raise SessionLost("the session was ended")

    with_schema(create_engine("sqlite://"), prepare)
    assert len(looked) == 2


def test_a_server_that_is_about_to_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Restarts:
        def __init__(self, words: str) -> None:
            self._words = words

        def connect(self) -> None:
            raise OperationalError(None, None, Exception(self._words))

    monkeypatch.setattr(engine, "connected", lambda _: "connected")
    starting: Any = Restarts("FATAL:  the database system is starting up")
    refused: Any = Restarts("connection refused")
    assert engine._first_connection(starting) == "connected"
    with pytest.raises(OperationalError):
        engine._first_connection(refused)


def test_a_lock_whose_session_is_ended_as_it_is_taken(url: str, store: Store) -> None:
    ended = []

    def strike(connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if "pg_try_advisory_lock" in statement and not ended:
            ended.append(statement)
            end_sessions(url)

    event.listen(Engine, "before_cursor_execute", strike)
    try:
        with store.lock("rantburg"), Store.open(url) as other, pytest.raises(Busy), other.lock("rantburg"):
            raise AssertionError("two hold it")
    finally:
        event.remove(Engine, "before_cursor_execute", strike)
    assert len(ended) == 1


def test_an_error_of_its_own_is_not_tried_again(url: str, store: Store) -> None:
    def wrong() -> None:
        raise ValueError("a bug")

    page = Page(wrong, 1)
    with pytest.raises(ValueError, match="a bug"):
        store.transact(page)
    assert (page.attempts, pages(url)) == (1, 0)


def test_a_server_that_restarts_is_waited_for() -> None:
    programs = binaries_or_skip()
    with started(programs) as server, Store.open(server.url) as store:
        page = Page(lambda: restart_later(server), 1)
        assert store.transact(page) == 1
        assert (page.attempts, pages(server.url)) == (2, 1)
        run_id = store.runs.begin("harvest", "rantburg", NOON)
        assert run_id == 1


@pytest.mark.long
def test_reads_claims_and_locks_wait_for_a_server_that_restarts() -> None:
    programs = binaries_or_skip()
    with started(programs) as server, Store.open(server.url) as store, store.present() as owner:
        restart_later(server)
        assert store.runs.status(now=NOON) == ()
        restart_later(server)
        with store.lock("rantburg"):
            restart_later(server)
            claim = claimed(store, owner)
            assert claim is not None
            assert claim.attempt == 1
            restart_later(server)
            assert store.claims.end(claim, "done", ended_at=NOON)
            restart_later(server)
            with store.transaction() as transaction:
                assert transaction.ledger.enlist([PAGE]) == 1
        assert (store.claims.newest()[0].state, pages(server.url)) == ("done", 1)


@pytest.mark.long
def test_a_server_that_stays_away_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = binaries_or_skip()
    monkeypatch.setattr(engine, "RECONNECT_SECONDS", 1)
    with started(programs) as server, Store.open(server.url) as store:
        server.stop("fast")
        try:
            with pytest.raises(SessionLost):
                store.runs.status(now=NOON)
        finally:
            server.start()


def test_a_question_whose_session_is_ended_is_asked_once_more(url: str, store: Store) -> None:
    store.transact(Page(lambda: None))
    ended = 0

    def strike(connection: Any, *_: object) -> None:
        nonlocal ended
        if connection.engine.url.database != "postgres" and ended < 2:
            ended += 1
            end_sessions(url)

    event.listen(Engine, "before_cursor_execute", strike)
    try:
        with pytest.raises(SessionLost):
            store.ledger.coverage("rantburg")
        ended = 1
        assert len(store.ledger.coverage("rantburg")) == 1
        ended = 1
        assert store.captures.original("rantburg", "u", "x") is None
        ended = 1
        assert store.captures.indexed_offsets("no file") == frozenset()
    finally:
        event.remove(Engine, "before_cursor_execute", strike)
    assert ended == 2


def test_a_claim_whose_session_is_ended_is_claimed_once(url: str, store: Store) -> None:
    with store.present() as owner, at_commit(lambda _: end_sessions(url)):
        claim = claimed(store, owner)
    assert claim is not None
    assert (claim.attempt, len(rows.table(url, "schedule_runs"))) == (1, 1)


def claimed(store: Store, owner: str) -> Claim | None:
    until = NOON + timedelta(minutes=5)
    return store.claims.claim("rantburg/a", "rantburg", NOON, owner=owner, now=NOON, lease_until=until)


def restart_later(server: Server) -> None:
    server.stop("fast")
    threading.Thread(target=server.start).start()
