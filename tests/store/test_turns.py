"""Turns at a host: one at a time, each after its rest."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from ingest.store import Store
from ingest.store.coordination.host_slots import LONGEST_REST, SOON
from tests.kit.parsed import at

HOST = "news.example"
DELAY = timedelta(seconds=5)


def s(seconds: float) -> datetime:
    return at(0) + timedelta(seconds=seconds)


def take(store: Store, owner: str, now: datetime, host: str = HOST) -> datetime | None:
    """A turn of half a minute."""
    until = now + timedelta(seconds=30)
    return store.turns.take_turn(host, owner=owner, now=now, until=until, delay=DELAY)


@pytest.fixture
def me(store: Store) -> Iterator[str]:
    with store.present() as owner:
        yield owner


@pytest.fixture
def another(store: Store) -> Iterator[str]:
    with store.present() as owner:
        yield owner


def test_a_host_that_nobody_asked_may_be_asked_now(store: Store, me: str, another: str) -> None:
    assert take(store, me, s(0)) is None
    assert take(store, another, s(0), "other.example") is None


def test_who_comes_while_it_is_another_s_turn_asks_again_soon(store: Store, me: str, another: str) -> None:
    take(store, me, s(0))
    assert take(store, another, s(1)) == s(1) + SOON
    assert take(store, me, s(1)) == s(1) + SOON
    assert take(store, another, s(29.9)) == s(30)


def test_after_a_turn_the_host_rests(store: Store, me: str, another: str) -> None:
    take(store, me, s(0))
    store.turns.end_turn(HOST, owner=me, now=s(1), next_at=s(6))
    assert take(store, another, s(2)) == s(6)
    assert take(store, another, s(6)) is None


def test_the_turn_of_a_dead_owner_is_over_but_the_host_rests(store: Store, me: str) -> None:
    with store.present() as dead:
        take(store, dead, s(0))
    assert take(store, me, s(3)) == s(8)
    assert take(store, me, s(4)) == s(8)
    assert take(store, me, s(8)) is None


def test_a_turn_that_outlived_its_time_is_over_but_the_host_rests(
    store: Store, me: str, another: str
) -> None:
    take(store, me, s(0))
    assert take(store, another, s(30)) == s(35)
    assert take(store, another, s(35)) is None


def test_who_is_late_gives_back_no_other_s_turn_but_lengthens_the_rest(
    store: Store, me: str, another: str
) -> None:
    take(store, me, s(0))
    take(store, another, s(30))
    assert take(store, another, s(35)) is None
    store.turns.end_turn(HOST, owner=me, now=s(1), next_at=s(50))
    assert take(store, me, s(36)) == s(36) + SOON
    store.turns.end_turn(HOST, owner=another, now=s(1), next_at=s(41))
    assert take(store, me, s(37)) == s(50)


def test_a_pause_holds_for_everybody_and_is_never_shortened(store: Store, me: str, another: str) -> None:
    take(store, me, s(0))
    store.turns.pause(HOST, now=s(0), until=s(600))
    store.turns.pause(HOST, now=s(0), until=s(60))
    store.turns.end_turn(HOST, owner=me, now=s(1), next_at=s(5))
    assert take(store, another, s(59)) == s(600)
    assert take(store, another, s(600)) is None


def test_a_host_can_be_paused_before_anybody_asked_it(store: Store, me: str) -> None:
    store.turns.pause(HOST, now=s(0), until=s(60))
    assert take(store, me, s(0)) == s(60)


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=40), timedelta(days=365 * 56)])
def test_a_rest_that_a_clock_ahead_entered_is_no_longer_than_the_delay(
    store: Store, me: str, ahead: timedelta
) -> None:
    then = s(0) + ahead
    assert take(store, me, then) is None
    store.turns.end_turn(HOST, owner=me, now=then, next_at=then + timedelta(seconds=6))
    assert take(store, me, s(0)) == s(5)
    assert take(store, me, s(5)) is None


def test_a_rest_that_a_clock_ahead_entered_does_not_outlast_a_pause_of_today(store: Store, me: str) -> None:
    then = s(0) + timedelta(days=40)
    store.turns.pause(HOST, now=then, until=then + timedelta(seconds=60))
    store.turns.pause(HOST, now=s(0), until=s(60))
    assert take(store, me, s(0)) == s(60)


def test_no_pause_is_longer_than_the_longest_that_is_granted(store: Store, me: str) -> None:
    store.turns.pause(HOST, now=s(0), until=s(0) + timedelta(days=40))
    assert take(store, me, s(0)) == s(0) + LONGEST_REST
    assert take(store, me, s(0) + LONGEST_REST) is None


def test_a_clock_that_is_set_back_a_little_keeps_the_pause_that_the_host_asked_for(
    store: Store, me: str
) -> None:
    store.turns.pause(HOST, now=s(60), until=s(60) + LONGEST_REST)
    assert take(store, me, s(0)) == s(0) + LONGEST_REST
    assert take(store, me, s(0) + LONGEST_REST) is None


def test_a_turn_that_a_clock_ahead_took_is_over(store: Store, me: str, another: str) -> None:
    take(store, another, s(0) + timedelta(hours=3))
    assert take(store, me, s(0)) == s(5)
    assert take(store, me, s(5)) is None
