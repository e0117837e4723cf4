"""Is a schedule overdue? And what do the metrics count."""

from datetime import datetime

import pytest

from ingest.fetch.waits import Wait
from ingest.records.outcome import Outcome
from ingest.runner.monitoring.metrics import failure_kind
from ingest.runner.monitoring.overdue import ScheduleHealth, schedule_health, status_of
from tests.kit.rig import DAY, NOON
from tests.runner.post import CHECK, HOUR, MINUTE, Post


def health(post: Post, now: datetime, *, began: datetime = NOON) -> ScheduleHealth:
    (found,) = schedule_health({CHECK: began}, post.store(), now=now)
    return found


def test_a_schedule_has_two_of_its_times_from_when_it_is_in_force_and_from_each_success(post: Post) -> None:
    assert not health(post, NOON + 2 * HOUR - MINUTE).overdue
    assert health(post, NOON + 2 * HOUR).overdue
    post.clock.advance(3600)
    post.scheduler(CHECK).work()
    fresh = health(post, NOON + 3 * HOUR - MINUTE)
    assert (fresh.overdue, fresh.succeeded_at) == (False, NOON + HOUR)
    assert health(post, NOON + 3 * HOUR).overdue
    assert not health(post, NOON + 3 * HOUR, began=NOON + 2 * HOUR).overdue


def test_one_that_is_under_way_is_not_overdue_unless_its_process_is_gone(post: Post) -> None:
    store = post.store()
    with store.present() as owner:
        store.claims.claim(CHECK.key, "rantburg", NOON, owner=owner, now=NOON, lease_until=NOON + HOUR)
        under_way = health(post, NOON + 9 * HOUR)
    assert (under_way.running, under_way.overdue) == (True, False)
    left = health(post, NOON + 9 * HOUR)
    assert (left.running, left.overdue) == (False, True)
    assert left.as_json() == {
        "schedule": "rantburg/check",
        "overdue": True,
        "running": False,
        "waiting": None,
        "last_success": None,
        "last_state": "running",
        "last_error": None,
    }


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("bug", {"bug": True}),
        ("forbidden", {"forbidden": True, "refused": True}),
        ("refused", {"refused": True}),
        ("parse", {"kept": True}),
        ("fetch", {"kept": False}),
    ],
    ids=["bug", "forbidden", "refused", "parse", "fetch"],
)
def test_failures_have_a_kind(kind: str, said: dict[str, bool]) -> None:
    assert failure_kind(Outcome(day=DAY, section=1, url="", state="failed", **said)) == kind  # type: ignore[arg-type]


def test_a_success_under_a_clock_that_was_ahead_is_none_until_then(post: Post) -> None:
    store, ahead = post.store(), NOON + 40 * 24 * HOUR
    with store.present() as owner:
        for begun in (NOON, ahead):
            claim = store.claims.claim(
                CHECK.key, "rantburg", begun, owner=owner, now=begun, lease_until=begun + HOUR
            )
            assert claim is not None
            store.claims.end(claim, "done", ended_at=begun + MINUTE)
    assert health(post, NOON + HOUR).succeeded_at == NOON + MINUTE
    assert health(post, NOON + 3 * HOUR).overdue
    assert health(post, ahead + HOUR).succeeded_at == ahead + MINUTE


def test_a_run_that_only_waits_is_not_healthy(post: Post) -> None:
    store, wait = post.store(), Wait(reason="a turn at news.example", until=NOON + HOUR)
    with store.present() as owner:
        store.claims.claim(CHECK.key, "rantburg", NOON, owner=owner, now=NOON, lease_until=NOON + HOUR)
        healths = schedule_health({CHECK: NOON}, store, now=NOON + MINUTE, waits={"rantburg": wait})
    assert status_of(healths) == "waiting"
    assert healths[0].as_json()["waiting"] == {
        "for": "a turn at news.example",
        "until": "2018-04-14T17:00:00Z",
    }
    assert (
        status_of(schedule_health({CHECK: NOON}, store, now=NOON + MINUTE, waits={"rantburg": wait})) == "ok"
    )
