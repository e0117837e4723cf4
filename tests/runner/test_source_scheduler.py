"""One source's schedules: claimed, run once, taken over, reported."""

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from ingest.runner.scheduler.source_scheduler import SourceScheduler
from ingest.store import Claim
from parsers.errors import ThresherError
from schedules.schedule import CatchUp, Every, Schedule
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY, NOON, busy_day
from tests.kit.waiting import until
from tests.runner.post import CHECK, HOUR, HOURLY, YEARS, Post
from tests.site.faults import instead


def test_a_time_is_run_once_and_the_day_is_held(post: Post) -> None:
    scheduler = post.scheduler(HOURLY)
    scheduler.work()
    assert post.entered == {(HOURLY.key, NOON): "done"}
    assert rows.held(post.url) == rows.told(*post.site.days.values())
    asked = len(post.site.pages_asked)
    scheduler.work()
    post.scheduler(HOURLY).work()
    assert len(post.site.pages_asked) == asked == 5
    (run,) = rows.table(post.url, "runs")
    (claim,) = rows.table(post.url, "schedule_runs")
    assert (claim["run_id"], claim["attempts"], claim["error"]) == (run["id"], 1, None)
    assert post.number("pages_total", outcome="done") == 5
    assert post.number("changes_total", what="comment", change="new") == 40
    assert post.number("schedule_runs_total", state="done") == 1
    assert post.number("received_bytes_total") > 1000
    assert post.number("running_jobs", kind="harvest") == 0


@pytest.mark.parametrize(
    ("policy", "states"),
    [
        ("none", ["done", "missed", "missed", "missed"]),
        ("latest", ["done", "missed", "missed", "done"]),
        ("all", ["done", "done", "done", "done"]),
    ],
)
def test_times_that_were_missed_are_caught_up_by_the_schedules_policy(
    post: Post, policy: CatchUp, states: list[str]
) -> None:
    check = replace(CHECK, catch_up=policy)
    scheduler = post.scheduler(check)
    scheduler.work()
    post.clock.advance(3.5 * 3600)
    scheduler.work()
    assert post.states(check) == states
    scheduler.work()
    assert post.states(check) == states
    assert post.number("schedule_runs_total", state="missed") == states.count("missed")


@pytest.mark.long
def test_a_harvest_longer_than_its_interval_does_not_overlap_and_is_coalesced(post: Post) -> None:
    """Its five pages and robots.txt are 25 minutes apart: of the times that pass the last is run."""
    post.scheduler(HOURLY, delay=1500.0).work()
    assert post.states(HOURLY) == ["done", "missed", "done"]
    runs = sorted(rows.table(post.url, "runs"), key=lambda run: run["started_at"])
    assert [run["ended_at"] <= following["started_at"] for run, following in pairwise(runs)] == [True]


def test_a_clock_an_hour_ahead_and_back_runs_nothing_twice(post: Post) -> None:
    scheduler = post.scheduler(CHECK)
    times = []
    for hours in (0, 1, -1, 0.5, 0.5, 1, 1):
        post.clock.advance(hours * 3600)
        scheduler.work()
        times.append(len(post.entered))
    assert times == [1, 2, 2, 2, 2, 3, 4]
    assert [run["attempts"] for run in rows.table(post.url, "schedule_runs")] == [1] * 4


def test_a_claim_from_a_clock_that_was_years_ahead_does_not_stop_the_schedule(post: Post) -> None:
    scheduler = post.scheduler(CHECK)
    scheduler.work()
    post.store().claims.skip(CHECK.key, "rantburg", [NOON + timedelta(days=4000)])
    post.clock.advance(3600)
    scheduler.work()
    assert post.entered[CHECK.key, NOON + HOUR] == "done"


def test_an_hour_too_late_is_run_once_and_said(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    scheduler = post.scheduler(replace(CHECK, catch_up="latest"))
    scheduler.work()
    post.clock.advance(2 * 3600 + 60)
    scheduler.work()
    assert post.states(CHECK) == ["done", "missed", "done"]
    assert "rantburg/check: 1 times passed and are not run, the last 2018-04-14T17:00:00Z" in caplog.text


def test_of_two_who_are_awake_each_time_is_run_by_one(post: Post) -> None:
    first = post.scheduler(CHECK)
    first.work()
    post.clock.advance(12 * 3600)
    start = threading.Barrier(2)

    def race(scheduler: SourceScheduler) -> None:
        start.wait()
        for _ in range(20):
            scheduler.work()

    both = [threading.Thread(target=race, args=(one,)) for one in (first, post.scheduler(CHECK))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    entered = rows.table(post.url, "schedule_runs")
    assert [row["state"] for row in entered] == ["done"] * 13
    assert [row["attempts"] for row in entered] == [1] * 13


def left_behind(post: Post) -> Claim:
    """Noon, claimed by a process that is gone."""
    store = post.store()
    with store.present() as owner:
        claim = store.claims.claim(
            CHECK.key, "rantburg", NOON, owner=owner, now=NOON, lease_until=NOON + HOUR
        )
    assert claim is not None
    return claim


def test_what_a_process_that_is_gone_had_begun_is_run_by_the_next(post: Post) -> None:
    left_behind(post)
    post.clock.advance(60)
    post.scheduler(CHECK).work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["attempts"]) == ("done", 2)


@pytest.mark.parametrize(
    ("policy", "horizon", "hours", "states"),
    [
        ("all", 24 * HOUR, 1, ["done", "done"]),
        ("latest", 24 * HOUR, 1, ["failed", "done"]),
        ("none", HOUR, 1.5, ["failed", "missed"]),
    ],
)
def test_it_is_not_run_if_a_later_time_stands_for_it_or_it_is_too_old(
    post: Post, policy: CatchUp, horizon: timedelta, hours: float, states: list[str]
) -> None:
    left_behind(post)
    post.clock.advance(3600 * hours)
    check = replace(CHECK, catch_up=policy, horizon=horizon)
    post.scheduler(check).work()
    assert post.states(check) == states


def test_what_another_is_at_work_on_is_left_alone(post: Post) -> None:
    store, scheduler = post.store(), post.scheduler(CHECK)
    with store.lock("watch/rantburg"):
        scheduler.work()
        assert not post.entered
    with store.present() as owner:
        store.claims.claim(CHECK.key, "rantburg", NOON, owner=owner, now=NOON, lease_until=NOON + HOUR)
        scheduler.work()
        assert post.states(CHECK) == ["running"]


@pytest.mark.long
def test_a_site_that_gives_nothing_fails_the_time_and_the_next_is_run(post: Post) -> None:
    scheduler = post.scheduler(HOURLY)
    post.site.robots = (500, b"")
    scheduler.work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert run["state"] == "failed"
    assert "robots.txt" in run["error"]
    assert post.number("failures_total", kind="run") == 1
    assert post.number("failures_total", kind="refused") == 1
    post.site.robots = (404, b"")
    post.clock.advance(3600)
    post.site.faults = [instead("HC=4", body=b"no page")]
    scheduler.work()
    assert post.states(HOURLY) == ["failed", "done"]
    *_, run = rows.table(post.url, "schedule_runs")
    assert run["error"].startswith("pages short 0, failed 1; the first: ")
    assert post.number("failures_total", kind="parse") == 1
    assert post.number("short_days") == 1


def test_a_source_that_somebody_else_holds_is_tried_again_and_then_failed(post: Post) -> None:
    with post.store().lock("rantburg"):
        post.scheduler(HOURLY, backoff=(0.0, 0.0)).work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["error"]) == ("failed", "another run holds rantburg")
    assert post.number("failures_total", kind="busy") == 1


@pytest.mark.long
def test_a_source_that_is_let_go_meanwhile_is_harvested(post: Post) -> None:
    held = post.store().lock("rantburg")
    held.__enter__()
    scheduler = post.scheduler(HOURLY, backoff=(0.01,) * 1000)
    work = threading.Thread(target=scheduler.work)
    work.start()
    while not post.states(HOURLY):
        work.join(0.01)
    held.__exit__(None, None, None)
    work.join()
    assert post.states(HOURLY) == ["done"]


def test_behind_anothers_lock_a_stop_is_obeyed_at_once(post: Post) -> None:
    with post.store().lock("rantburg"):
        scheduler = post.scheduler(HOURLY, backoff=(600.0,))
        work = threading.Thread(target=scheduler.work)
        work.start()
        until(lambda: bool(post.states(HOURLY)))
        scheduler.stop()
        work.join(5)
        assert not work.is_alive()
    # The next one may run it: it was no attempt.
    (run,) = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["attempts"]) == ("running", 0)


def test_an_error_that_is_a_bug_fails_the_time_and_is_logged_as_one(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler = post.scheduler(HOURLY, base_url="http://[/")
    scheduler.work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert run["state"] == "failed"
    assert post.number("failures_total", kind="bug") == 1
    assert "a bug in thresher failed rantburg/hourly" in caplog.text


def test_a_database_that_cannot_be_used_is_told(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    scheduler = post.scheduler(HOURLY)
    rows.execute(post.url, "DROP TABLE schedule_runs")
    with pytest.raises(ThresherError, match="no such table"):
        scheduler.work()


@pytest.mark.long
def test_a_backfill_fills_its_window_and_gives_way_to_a_harvest(post: Post) -> None:
    post.scheduler(HOURLY).work()
    filling = replace(YEARS, when=Every(interval=HOUR), since=DAY - timedelta(days=6), order="oldest")
    scheduler = post.scheduler(HOURLY, filling, delay=1.0)
    post.clock.advance(3600)

    def an_hour_later(page: int) -> None:
        if page == 8:
            post.clock.advance(3600)
            scheduler.wake(HOURLY)
            scheduler.wake(filling)

    post.meters.at_page = an_hour_later
    scheduler.work()
    assert post.states(HOURLY) == ["done"] * 3
    assert post.states(filling) == ["done"] * 2
    runs = sorted(rows.table(post.url, "runs"), key=lambda run: run["id"])
    assert [run["command"] for run in runs] == [
        "harvest", "harvest", "backfill", "harvest", "backfill", "backfill"
    ]  # fmt: skip
    assert {(row["day"], row["state"]) for row in rows.table(post.url, "pages") if row["day"] < DAY} == {
        (DAY - timedelta(days=ago), "done") for ago in range(1, 7)
    }


@pytest.mark.parametrize(
    "schedule", [HOURLY, *long(replace(YEARS, when=Every(interval=HOUR)))], ids=["harvest", "backfill"]
)
def test_what_is_told_to_stop_ends_after_the_page_in_hand_and_is_handed_back(
    post: Post, schedule: Schedule
) -> None:
    scheduler = post.scheduler(schedule)

    def stop(page: int) -> None:
        if page == 1:
            scheduler.stop()

    post.meters.at_page = stop
    scheduler.work()
    assert 1 <= len(post.site.pages_asked) <= 2
    (run,) = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["attempts"]) == ("running", 0)
    (of_run,) = rows.table(post.url, "runs")
    assert of_run["outcome"] == "incomplete"
    scheduler.work()
    assert len(post.site.pages_asked) <= 2
    post.clock.advance(60)
    post.scheduler(schedule).work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["attempts"]) == ("done", 1)


def test_one_who_waits_for_a_busy_source_is_told_to_stop(post: Post) -> None:
    scheduler = post.scheduler(HOURLY, backoff=(60.0,))
    with post.store().lock("rantburg"):
        work = threading.Thread(target=scheduler.work)
        work.start()
        while not post.states(HOURLY):
            work.join(0.01)
        scheduler.stop()
        work.join()
    assert post.states(HOURLY) == ["running"]


def lease(post: Post) -> object:
    (run,) = rows.table(post.url, "schedule_runs")
    return run["lease_until"]


def test_a_claim_is_renewed_while_its_job_runs(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """Even after the database was away for a moment."""
    renewed = []

    def wait(page: int) -> None:
        if page == 1:
            rows.execute(post.url, "ALTER TABLE schedule_runs RENAME TO away")
            until(lambda: "is renewed later" in caplog.text)
            rows.execute(post.url, "ALTER TABLE away RENAME TO schedule_runs")
            post.clock.advance(0.5)
            until(lambda: lease(post) == NOON + timedelta(seconds=1.5))
            renewed.append(page)

    post.meters.at_page = wait
    post.scheduler(replace(HOURLY, lease=1)).work()
    assert renewed == [1]
    assert post.states(HOURLY) == ["done"]


@pytest.mark.long
def test_a_claim_that_another_has_taken_over_is_left_to_them(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    def lose(page: int) -> None:
        if page == 1:
            rows.execute(post.url, "UPDATE schedule_runs SET owner = 'another'")
            until(lambda: not any(one.name.startswith("claim ") for one in threading.enumerate()))

    post.meters.at_page = lose
    scheduler = post.scheduler(replace(HOURLY, lease=1))
    post.clock.advance(0.5)
    scheduler.work()
    assert "2018-04-14T16:00:00Z was taken over by another process" in caplog.text


def test_whatever_goes_wrong_is_told_and_looked_at_again(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(HOURLY, when=None)  # type: ignore[arg-type]
    scheduler = post.scheduler(broken)
    scheduler.begin()
    until(lambda: "a bug in thresher stopped the schedules of rantburg for now" in caplog.text)
    scheduler.active = replace(scheduler.active, schedules=(HOURLY,))
    rows.execute(post.url, "DROP TABLE schedule_runs")
    scheduler.wake(HOURLY)
    until(lambda: "rantburg: " in caplog.text and "no such table: schedule_runs" in caplog.text)
    scheduler.stop()
    assert scheduler.ended(10)


@pytest.mark.long
@pytest.mark.parametrize(("full", "pages"), [(False, 1), (True, 5)], ids=["what-failed", "in-full"])
def test_a_backfill_in_full_asks_for_every_section_of_a_day_that_is_not_done(
    post: Post, full: bool, pages: int
) -> None:
    yesterday = DAY - timedelta(days=1)
    post.site.put(busy_day(yesterday, number=1))
    filling = replace(YEARS, when=Every(interval=HOUR), since=yesterday, full=full)
    scheduler = post.scheduler(filling, delay=1.0)
    scheduler.work()
    rows.execute(post.url, "UPDATE pages SET state = 'failed' WHERE section = 1")
    asked = len(post.site.pages_asked)
    post.clock.advance(3600)
    scheduler.work()
    assert len(post.site.pages_asked) - asked == pages
    assert post.states(filling) == ["done", "done"]


def test_a_backfill_whose_days_are_not_over_yet_has_nothing_to_do(post: Post) -> None:
    post.scheduler(replace(YEARS, when=Every(interval=HOUR), since=DAY)).work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["error"]) == ("done", "none of its days is over yet")


@pytest.mark.long
def test_a_verify_tells_what_is_not_complete(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    post.scheduler(CHECK).work()
    (run,) = rows.table(post.url, "schedule_runs")
    assert run["error"].startswith("NOT complete")
    assert "rantburg/check: NOT complete" in caplog.text
    post.scheduler(HOURLY).work()
    post.clock.advance(3600)
    post.scheduler(replace(CHECK, since=DAY, until=DAY)).work()
    *_, run = rows.table(post.url, "schedule_runs")
    assert (run["state"], run["error"]) == ("done", None)
