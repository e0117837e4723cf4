"""Four processes at once on leases, turns and claims; some are killed, one is stopped and goes on later."""

import signal
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from typing import Self

import pytest

from ingest.clock import SystemClock
from ingest.records.pages import PageState
from ingest.store import Store
from ingest.store.coordination.day_leases import Lease
from tests.kit import child
from tests.kit.parsed import DAY, NOON, at
from tests.kit.waiting import until

DAYS = [DAY + timedelta(days=number) for number in range(30)]

BEGIN = """
import sys
from datetime import timedelta
from ingest.clock import SystemClock
from ingest.errors import LeaseLost
from ingest.records.pages import PageState
from ingest.store import Store
from tests.kit.parsed import DAY, NOON, at
clock = SystemClock()
minute = timedelta(minutes=1)
with Store.open(sys.argv[1]) as store, store.present() as me:
    print("ready", flush=True)
    sys.stdin.readline()
"""

LEASE_EVERY_DAY = """
    for number in range(30):
        day = DAY + timedelta(days=number)
        lease = store.leases.lease("harbour", day, owner=me, now=at(0), until=at(1))
        if lease is not None:
            with store.transaction() as tx:
                tx.require_lease(lease)
                tx.ledger.put(PageState(source="harbour", day=day, section=1, state="done", last_error=me))
            store.leases.release(lease)
            print(day, flush=True)
"""

CLAIM_EVERY_TIME = """
    for number in range(30):
        when = NOON + timedelta(minutes=number)
        claim = store.claims.claim(
            "harbour/often", "harbour", when, owner=me, now=at(0), lease_until=at(1)
        )
        if claim is not None:
            print(number, flush=True)
            store.claims.end(claim, "done", ended_at=at(0))
"""

ASK_FIVE_TIMES = """
    import time
    delay = timedelta(milliseconds=30)
    for _ in range(5):
        while True:
            now = clock.now()
            again = store.turns.take_turn("news.example", owner=me, now=now, until=now + minute, delay=delay)
            if again is None:
                break
            time.sleep(max(0.001, min(0.02, (again - clock.now()).total_seconds())))
        begun = clock.now()
        time.sleep(0.01)
        ended = clock.now()
        store.turns.end_turn("news.example", owner=me, now=ended, next_at=ended + delay)
        print(begun.timestamp(), ended.timestamp(), flush=True)
"""

TAKE_EVERYTHING = """
    assert store.leases.lease("harbour", DAY, owner=me, now=at(0), until=at(1000))
    assert store.claims.claim("harbour/often", "harbour", NOON, owner=me, now=at(0), lease_until=at(1000))
    now = clock.now()
    assert not store.turns.take_turn("news.example", owner=me, now=now, until=now + 60 * minute, delay=minute)
    print(me, flush=True)
    sys.stdin.readline()
"""

WRITE_AFTER_A_SLEEP = """
    now = clock.now()
    lease = store.leases.lease("harbour", DAY, owner=me, now=now, until=now + timedelta(seconds=1))
    print("leased", flush=True)
    sys.stdin.readline()
    try:
        with store.transaction() as tx:
            tx.require_lease(lease)
            tx.ledger.put(PageState(source="harbour", day=DAY, section=1, state="failed", last_error="stale"))
        print("written", flush=True)
    except LeaseLost:
        print("lost", flush=True)
    print(store.leases.renew(lease, until=now + 60 * minute), flush=True)
"""


class Other:
    """Another process on the same database; it goes on where it waits when it is told to."""

    def __init__(self, program: str, url: str) -> None:
        self.process = child.program(BEGIN + program, child.ROOT, url, listens=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def rest(self) -> list[str]:
        said, _ = self.process.communicate()
        assert self.process.returncode == 0
        return said.splitlines()


def all_of_four(program: str, url: str) -> list[list[str]]:
    """What each of four processes said that began together."""
    with ExitStack() as stack:
        others = [stack.enter_context(Other(program, url)) for _ in range(4)]
        assert [other.says() for other in others] == ["ready"] * 4
        for other in others:
            other.go_on()
        return [other.rest() for other in others]


def enlist(store: Store) -> None:
    with store.transaction() as tx:
        tx.ledger.enlist(PageState(source="harbour", day=day, section=1, state="pending") for day in DAYS)


def lease_once_free(store: Store, me: str) -> Lease:
    """The lease of the day, as soon as that of another process has run out."""
    leases: list[Lease | None] = [None]

    def is_leased() -> bool:
        now = SystemClock().now()
        leases.append(store.leases.lease("harbour", DAY, owner=me, now=now, until=now + timedelta(hours=1)))
        return leases[-1] is not None

    until(is_leased)
    assert leases[-1] is not None
    return leases[-1]


@pytest.mark.long
def test_four_processes_lease_every_day_once(store: Store, url: str) -> None:
    enlist(store)
    leased = Counter(day for one in all_of_four(LEASE_EVERY_DAY, url) for day in one)
    assert leased == Counter(str(day) for day in DAYS)
    assert {page.state for page in store.ledger.coverage()} == {"done"}


@pytest.mark.long
def test_four_processes_claim_every_time_once(store: Store, url: str) -> None:
    claimed = Counter(number for one in all_of_four(CLAIM_EVERY_TIME, url) for number in one)
    assert claimed == Counter(str(number) for number in range(30))
    assert {(one.state, one.attempts) for one in store.claims.newest(limit=99)} == {("done", 1)}


@pytest.mark.long
def test_the_requests_of_four_processes_keep_the_delay(store: Store, url: str) -> None:
    said = [line.split() for one in all_of_four(ASK_FIVE_TIMES, url) for line in one]
    turns = sorted((float(begun), float(ended)) for begun, ended in said)
    assert len(turns) == 20
    gaps = [after[0] - before[1] for before, after in pairwise(turns)]
    assert min(gaps) >= 0.03


@pytest.mark.long
def test_what_a_killed_process_had_is_free_at_once(store: Store, url: str) -> None:
    enlist(store)
    clock, minute = SystemClock(), timedelta(minutes=1)
    with Other(TAKE_EVERYTHING, url) as other, store.present() as me:
        assert other.says() == "ready"
        other.go_on()
        dead = other.says()
        assert not store.is_gone(dead)
        assert store.leases.lease("harbour", DAY, owner=me, now=at(0), until=at(1)) is None
        other.process.send_signal(signal.SIGKILL)
        other.process.wait()
        # PostgreSQL sees that its client is gone a moment after the kernel does.
        until(lambda: store.is_gone(dead))
        lease = store.leases.lease("harbour", DAY, owner=me, now=at(0), until=at(1))
        assert lease is not None
        assert lease.fences == {1: 2}
        claim = store.claims.claim("harbour/often", "harbour", NOON, owner=me, now=at(0), lease_until=at(1))
        assert claim is not None
        assert claim.attempt == 2
        now = clock.now()
        again = store.turns.take_turn("news.example", owner=me, now=now, until=now + minute, delay=minute)
        assert again == now + minute


@pytest.mark.long
def test_a_process_that_slept_past_its_lease_writes_nothing(store: Store, url: str) -> None:
    enlist(store)
    clock = SystemClock()
    with Other(WRITE_AFTER_A_SLEEP, url) as sleeper, store.present() as me:
        assert sleeper.says() == "ready"
        sleeper.go_on()
        assert sleeper.says() == "leased"
        sleeper.process.send_signal(signal.SIGSTOP)
        lease = lease_once_free(store, me)
        sleeper.go_on()
        sleeper.process.send_signal(signal.SIGCONT)
        assert sleeper.rest() == ["lost", "False"]
        assert [page.state for page in store.ledger.coverage("harbour", DAY, DAY)] == ["leased"]
        assert store.leases.renew(lease, until=clock.now() + timedelta(hours=1))
