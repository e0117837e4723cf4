"""A schedule's times: each claimed once, taken over from the dead, told if missed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from ingest.store import Claim, ScheduleRun, Store
from ingest.store.coordination.schedule_claims import MOST_ATTEMPTS
from tests.kit.parsed import NOON, at

NIGHTLY = "harbour/nightly"


@pytest.fixture
def me(store: Store) -> Iterator[str]:
    with store.present() as owner:
        yield owner


@pytest.fixture
def another(store: Store) -> Iterator[str]:
    with store.present() as owner:
        yield owner


def claim(store: Store, owner: str, hour: float = 0, **fields: object) -> Claim | None:
    """A claim of noon's run for one hour."""
    plain = {"schedule": NIGHTLY, "source": "harbour", "scheduled_for": NOON} | fields
    return store.claims.claim(**plain, owner=owner, now=at(hour), lease_until=at(hour + 1))  # type: ignore[arg-type]


def claimed(store: Store, owner: str, hour: float = 0, **fields: object) -> Claim:
    taken = claim(store, owner, hour, **fields)
    assert taken is not None
    return taken


def test_a_time_is_claimed_once(store: Store, me: str, another: str) -> None:
    first = claimed(store, me)
    assert first == Claim(
        claim_id=first.claim_id,
        schedule=NIGHTLY,
        source="harbour",
        scheduled_for=NOON,
        owner=me,
        attempt=1,
    )
    assert claim(store, another) is None
    assert claim(store, me) is None
    assert claim(store, another, scheduled_for=at(24)) is not None
    assert claim(store, another, schedule="harbour/hourly") is not None


def test_a_run_is_told_while_it_runs_and_when_it_has_ended(store: Store, me: str) -> None:
    mine = claimed(store, me, 0.5)
    running = ScheduleRun(
        schedule=NIGHTLY,
        source="harbour",
        scheduled_for=NOON,
        owner=me,
        state="running",
        lease_until=at(1.5),
        attempts=1,
        started_at=at(0.5),
        ended_at=None,
        run_id=None,
        error=None,
    )
    assert store.claims.running() == store.claims.running("harbour") == (running,)
    assert store.claims.running("another") == ()
    run = store.runs.begin("harvest", "harbour", at(0.5))
    assert store.claims.end(mine, "failed", ended_at=at(1), run_id=run, error="no answer")
    ended = replace(running, state="failed", lease_until=None, ended_at=at(1), run_id=run, error="no answer")
    assert store.claims.running() == ()
    assert store.claims.newest() == (ended,)


def test_what_has_ended_is_not_claimed_again(store: Store, me: str, another: str) -> None:
    mine = claimed(store, me)
    assert store.claims.end(mine, "done", ended_at=at(0.5))
    assert not store.claims.end(mine, "failed", ended_at=at(0.6))
    assert claim(store, another, 9) is None
    assert [one.state for one in store.claims.newest()] == ["done"]


def test_a_dead_owner_s_run_is_taken_over_at_once(store: Store, me: str) -> None:
    with store.present() as dead:
        lost = claimed(store, dead)
    mine = claimed(store, me, 0.1)
    assert (mine.claim_id, mine.owner, mine.attempt) == (lost.claim_id, me, 2)
    assert not store.claims.end(lost, "done", ended_at=at(0.2))
    assert not store.claims.renew(lost, now=at(0.2), lease_until=at(9))
    assert store.claims.end(mine, "done", ended_at=at(0.3))


def test_a_run_that_outlived_its_lease_is_taken_over(store: Store, me: str, another: str) -> None:
    late = claimed(store, me)
    assert claim(store, another, 0.9) is None
    assert not store.claims.renew(late, now=at(1), lease_until=at(9))
    assert claimed(store, another, 1).attempt == 2
    assert not store.claims.end(late, "done", ended_at=at(1.5))


def test_an_owner_that_claims_its_own_late_run_again_has_lost_the_first(store: Store, me: str) -> None:
    late, again = claimed(store, me), claimed(store, me, 1)
    assert not store.claims.end(late, "done", ended_at=at(1.5))
    assert store.claims.end(again, "done", ended_at=at(1.5))


def test_a_renewed_run_stays_its_owner_s(store: Store, me: str, another: str) -> None:
    mine = claimed(store, me)
    assert store.claims.renew(mine, now=at(0.9), lease_until=at(3))
    assert claim(store, another, 2.9) is None
    assert store.claims.end(mine, "done", ended_at=at(2.9))


def test_a_time_whose_runs_always_die_is_given_up(store: Store, me: str) -> None:
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with store.present() as dead:
            assert claimed(store, dead, attempt / 10).attempt == attempt
    assert claim(store, me, 0.9) is None
    [given_up] = store.claims.newest()
    assert (given_up.state, given_up.ended_at) == ("failed", at(0.9))
    assert given_up.error == "given up: 3 attempts did not end"
    assert claim(store, me, 9) is None


def test_missed_times_are_told_and_not_claimed(store: Store, me: str) -> None:
    claimed(store, me, scheduled_for=at(-2))
    assert store.claims.skip(NIGHTLY, "harbour", [at(-1), at(-2), at(-3)]) == 2
    assert store.claims.skip(NIGHTLY, "harbour", []) == 0
    assert claim(store, me, scheduled_for=at(-1)) is None
    told = [(one.scheduled_for, one.state) for one in store.claims.newest("harbour")]
    assert told == [(at(-1), "missed"), (at(-2), "running"), (at(-3), "missed")]
    assert len(store.claims.newest(limit=1)) == 1
    assert store.claims.newest("another") == ()


def test_the_last_time_is_the_newest_claimed_or_missed(store: Store, me: str) -> None:
    assert store.claims.last_scheduled(NIGHTLY) is None
    claimed(store, me, scheduled_for=at(5))
    claimed(store, me, scheduled_for=at(2))
    claimed(store, me, schedule="harbour/hourly", scheduled_for=at(9))
    assert store.claims.last_scheduled(NIGHTLY) == at(5)
    store.claims.skip(NIGHTLY, "harbour", [at(7)])
    assert store.claims.last_scheduled(NIGHTLY) == at(7)


def test_a_state_that_does_not_exist_is_refused(store: Store, me: str) -> None:
    mine = claimed(store, me)
    with pytest.raises(IntegrityError, match="ck_schedule_runs_state"):
        store.claims.end(mine, "lost", ended_at=at(1))  # type: ignore[arg-type]


def test_a_run_that_is_handed_back_is_another_s_at_once_and_was_no_attempt(
    store: Store, me: str, another: str
) -> None:
    mine = claimed(store, me)
    assert store.claims.hand_back(mine, now=at(0.1))
    assert not store.claims.hand_back(mine, now=at(0.1))
    assert claimed(store, another, 0.1).attempt == 1
    assert not store.claims.end(mine, "done", ended_at=at(0.2))


def test_the_last_run_and_the_last_that_ended_well(store: Store, me: str) -> None:
    assert store.claims.last(NIGHTLY) is None
    good, bad = claimed(store, me), claimed(store, me, scheduled_for=at(1))
    store.claims.end(good, "done", ended_at=at(0.5))
    store.claims.end(bad, "failed", ended_at=at(1.5))
    newest, well = store.claims.last(NIGHTLY), store.claims.last(NIGHTLY, "done")
    assert newest is not None
    assert well is not None
    assert (newest.scheduled_for, well.scheduled_for) == (at(1), at(0))
    assert store.claims.last(NIGHTLY, "missed") is None


def test_times_ahead_of_a_clock_that_was_set_back_can_be_left_out(store: Store, me: str) -> None:
    claimed(store, me)
    claimed(store, me, scheduled_for=at(5))
    assert store.claims.last_scheduled(NIGHTLY) == at(5)
    assert store.claims.last_scheduled(NIGHTLY, until=at(4)) == at(0)
