"""Days on lease: taken once, renewed, lost, given back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from ingest.decide.changes.decide import decide
from ingest.errors import CouldNotRun, LeaseLost
from ingest.records.pages import PageState, State
from ingest.store import Lease, Store, Transaction
from parsers.records import ParsedPage
from schedules.backfill import Holder
from tests.kit import rows
from tests.kit.parsed import DAY, article, at, section_page
from tests.kit.visits import article_of, capture_row, visit
from tests.kit.waiting import until

TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def me(store: Store) -> Iterator[str]:
    with store.present() as owner:
        yield owner


@pytest.fixture
def another(store: Store) -> Iterator[str]:
    with store.present() as owner:
        yield owner


def page(section: int = 1, state: State = "pending", **fields: object) -> PageState:
    plain = PageState(source="harbour", day=DAY, section=section, state=state)
    return replace(plain, **fields)  # type: ignore[arg-type]


def put(store: Store, *pages: PageState) -> None:
    with store.transaction() as tx:
        for one in pages:
            tx.ledger.put(one)


def states(store: Store) -> list[State]:
    return [one.state for one in store.ledger.coverage()]


def lease(store: Store, owner: str, hour: float = 0, *, day: date = DAY, full: bool = False) -> Lease | None:
    """A lease of one hour."""
    return store.leases.lease("harbour", day, owner=owner, now=at(hour), until=at(hour + 1), full=full)


def leased(store: Store, owner: str, hour: float = 0, *, full: bool = False) -> Lease:
    taken = lease(store, owner, hour, full=full)
    assert taken is not None
    return taken


def write(store: Store, held: Lease, *pages: PageState) -> None:
    with store.transaction() as tx:
        tx.require_lease(held)
        for one in pages:
            tx.ledger.put(one)


def is_lost(store: Store, held: Lease) -> bool:
    try:
        write(store, held)
    except LeaseLost:
        return True
    return False


def test_a_lease_takes_what_is_not_done(store: Store, me: str) -> None:
    put(store, page(1, "done"), page(2), page(3, "failed"), page(4, "short"))
    put(store, page(2, day=TOMORROW), page(2, source="another"))
    assert lease(store, me) == Lease(source="harbour", day=DAY, owner=me, fences={2: 1, 3: 1, 4: 1})
    assert [one.state for one in store.ledger.coverage("harbour", DAY, DAY)] == [
        "done",
        "leased",
        "leased",
        "leased",
    ]
    assert [one.state for one in store.ledger.coverage(None, TOMORROW)] == ["pending"]
    assert [one.state for one in store.ledger.coverage("another")] == ["pending"]


def test_what_rests_is_not_taken_until_its_time(store: Store, me: str) -> None:
    put(store, page(1, "failed", not_before=at(2)), page(2, "failed", not_before=at(0)))
    assert leased(store, me).fences == {2: 1}
    put(store, page(2, "done"))
    assert lease(store, me, 1.9) is None
    assert leased(store, me, 2).fences == {1: 1}


@pytest.mark.parametrize("pages", [(), (page(1, "done"),)], ids=["no rows", "all done"])
def test_of_a_day_without_work_there_is_no_lease(store: Store, me: str, pages: tuple[PageState, ...]) -> None:
    put(store, *pages)
    assert lease(store, me) is None


def test_a_full_lease_takes_what_is_done_too(store: Store, me: str) -> None:
    put(store, page(1, "done"), page(2, "short", not_before=at(2)), page(3))
    assert leased(store, me, full=True).fences == {1: 1, 3: 1}


def test_a_day_that_a_living_owner_has_is_not_leased(store: Store, me: str, another: str) -> None:
    put(store, page(1), page(2))
    held = leased(store, me)
    put(store, page(2))
    assert lease(store, another, 0.9) is None
    assert lease(store, me, 0.9) is None
    assert not is_lost(store, held)


def test_a_lease_that_is_over_goes_to_another_and_its_holder_writes_nothing(
    store: Store, me: str, another: str
) -> None:
    put(store, page(1), page(2))
    slept = leased(store, me)
    assert leased(store, another, 1).fences == {1: 2, 2: 2}
    with pytest.raises(LeaseLost, match="harbour, 2021-05-04"):
        write(store, slept, page(1, "done"))
    assert states(store) == ["leased", "leased"]


def test_a_lease_that_is_over_and_that_nobody_took_is_still_its_holder_s(store: Store, me: str) -> None:
    put(store, page(1), page(2))
    slept = leased(store, me)
    write(store, slept, page(1, "done"))
    assert store.leases.renew(slept, until=at(10))
    assert states(store) == ["done", "leased"]


def test_a_lease_of_a_dead_owner_is_another_s_at_once(store: Store, me: str) -> None:
    put(store, page(1, "failed"))
    with store.present() as dead:
        lost = leased(store, dead)
        assert store.leases.holders("harbour", DAY, DAY, now=at(0)) == {DAY: Holder(owner=dead, until=at(1))}
        assert store.leases.holders("harbour", DAY, DAY, now=at(1)) == {}
        assert store.leases.holders("harbour", TOMORROW, TOMORROW, now=at(0)) == {}
        assert store.leases.holders("another", DAY, DAY, now=at(0)) == {}
    assert store.leases.holders("harbour", DAY, DAY, now=at(0)) == {}
    held = leased(store, me, 0.1)
    assert held.fences == {1: 2}
    assert is_lost(store, lost)
    store.leases.release(held)
    assert states(store) == ["failed"]


def test_a_lost_lease_is_past_what_fails_a_page() -> None:
    lost = LeaseLost("harbour", DAY)
    assert isinstance(lost, CouldNotRun)
    assert (lost.source, lost.day) == ("harbour", DAY)


def test_a_renewed_lease_lasts_longer(store: Store, me: str, another: str) -> None:
    put(store, page(1), page(2))
    held = leased(store, me)
    assert store.leases.renew(held, until=at(3))
    assert not is_lost(store, held)
    assert lease(store, another, 2.9) is None
    assert leased(store, another, 3).fences == {1: 2, 2: 2}
    assert is_lost(store, held)
    assert not store.leases.renew(held, until=at(9))


def test_a_lease_that_another_has_is_not_renewed(store: Store, me: str, another: str) -> None:
    put(store, page(1))
    slept = leased(store, me)
    leased(store, another, 1)
    assert not store.leases.renew(slept, until=at(9))
    assert leased(store, me, 2).fences == {1: 3}


def test_a_section_that_is_settled_is_nobody_s_and_the_rest_stays_ours(store: Store, me: str) -> None:
    put(store, page(1), page(2))
    held = leased(store, me)
    write(store, held, page(1, "short"))
    assert store.leases.renew(held, until=at(2))
    # A harvest beside us settles the other one.
    put(store, page(2, "done"))
    write(store, held, page(1, "done"))
    assert store.leases.holders("harbour", DAY, DAY, now=at(0.3)) == {}
    store.leases.release(held)
    assert states(store) == ["done", "done"]


def test_a_settled_section_that_another_leases_anew_is_lost(store: Store, me: str, another: str) -> None:
    put(store, page(1), page(2))
    held = leased(store, me)
    write(store, held, page(1, "short"), page(2, "short"))
    assert leased(store, another, 0.2).fences == {1: 2, 2: 2}
    assert is_lost(store, held)


def test_a_page_that_says_leased_leaves_the_lease_as_it_is(store: Store, me: str) -> None:
    put(store, page(1, "short"))
    held = leased(store, me)
    put(store, page(1, "leased", expected_articles=4))
    assert not is_lost(store, held)
    store.leases.release(held)
    assert states(store) == ["short"]


def test_what_was_leased_by_nobody_is_taken_and_comes_back_pending(store: Store, me: str) -> None:
    put(store, page(1, "leased"))
    held = leased(store, me)
    store.leases.release(held)
    assert states(store) == ["pending"]


def test_release_gives_back_each_row_as_it_was(store: Store, me: str, another: str) -> None:
    put(store, page(1), page(2, "failed", attempts=2), page(3, "short"), page(4))
    held = leased(store, me)
    write(store, held, page(4, "done"))
    store.leases.release(held)
    assert states(store) == ["pending", "failed", "short", "done"]
    assert [one.attempts for one in store.ledger.coverage()] == [0, 2, 0, 0]
    assert is_lost(store, held)
    store.leases.release(held)
    assert leased(store, another).fences == {1: 3, 2: 3, 3: 3}


def test_release_leaves_alone_what_is_another_s(store: Store, me: str, another: str) -> None:
    put(store, page(1))
    slept = leased(store, me)
    held = leased(store, another, 1)
    store.leases.release(slept)
    assert not is_lost(store, held)


def test_a_done_section_of_which_the_catalogue_tells_more_is_pending_after_its_lease(
    store: Store, me: str
) -> None:
    counted = page(1, "done", expected_articles=4, held_articles=4, expected_comments=9, held_comments=9)
    put(store, counted, replace(counted, section=2))
    held = leased(store, me, full=True)
    put(store, replace(counted, state="leased", expected_comments=10))
    store.leases.release(held)
    assert states(store) == ["pending", "done"]


def test_a_full_lease_that_was_broken_off_is_taken_up_again(store: Store, me: str) -> None:
    put(store, page(1, "done"))
    with store.present() as dead:
        leased(store, dead, full=True)
    assert leased(store, me).fences == {1: 2}


def test_a_lease_of_a_row_that_is_gone_is_lost(store: Store, me: str) -> None:
    put(store, page(1))
    held = leased(store, me)
    assert is_lost(store, replace(held, fences={1: 1, 2: 1}))


def test_who_writes_of_a_day_without_a_lease_and_who_with_one_wait_for_one_another_in_turn(
    store: Store, me: str
) -> None:
    shown = section_page([article("100", text="as it was")])
    visit(store, shown, at(-1))
    put(store, page(1), page(2))
    held = leased(store, me)

    def visit_on_lease() -> State:
        with store.transaction() as tx:
            tx.require_lease(held)
            seen = tx.ledger.day_known("harbour", DAY).pages[1].state
            load(tx, section_page([article("100", text="as it is")]), at(0.5))
            tx.ledger.put(page(1, "done"))
        return seen

    with ThreadPoolExecutor() as threads:
        with store.transaction() as tx:
            load(tx, section_page([article("100", text="as a harvest saw it")]), at(0.4))
            waiting = threads.submit(visit_on_lease)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            tx.ledger.put(page(1, "short"))
        assert waiting.result(timeout=100) == "short"
    assert article_of(store).row.content.text == "as it is"


def load(tx: Transaction, shown: ParsedPage, captured_at: datetime) -> None:
    held = tx.held("harbour", {"100"}, DAY)
    changes = decide(shown, held, captured_at=captured_at, complete=True)
    tx.load(changes, tx.captures.add(capture_row(captured_at=captured_at)))


def test_a_day_whose_owner_writes_is_passed_over_without_a_wait(
    newest_postgresql: Callable[[], str],
) -> None:
    url = newest_postgresql()
    with Store.open(url) as store, store.present() as me, store.present() as another:
        put(store, page(1), page(2))
        held = leased(store, me)
        with store.transaction() as tx:
            tx.require_lease(held)
            # A wait would be for ever: the transaction that is waited for is this thread's.
            assert lease(store, another) is None


def test_a_day_that_is_written_by_nobody_who_has_it_is_waited_for(
    newest_postgresql: Callable[[], str],
) -> None:
    url = newest_postgresql()
    with Store.open(url) as store, store.present() as me, ThreadPoolExecutor() as pool:
        put(store, page(1), page(2))
        with store.transaction() as tx:
            tx.held("harbour", (), DAY)
            waiting = pool.submit(lease, store, me)
            until(lambda: waits(url))
            assert not waiting.done()
        taken = waiting.result(timeout=60)
        assert taken is not None
        assert set(taken.fences) == {1, 2}


def waits(url: str) -> bool:
    with rows.Connected(url) as connection:
        wanted = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(connection.exec_driver_sql(wanted).scalar())
