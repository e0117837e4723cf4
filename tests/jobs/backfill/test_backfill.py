"""Years of days, one after the other: each asked for once, whatever ends the run."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import ingest.pipeline.opening
from ingest.errors import StoreUnusable
from ingest.jobs.backfill import PATIENCE, Backfill, backfill
from ingest.jobs.lease import LEASE
from ingest.pipeline.page import PagePipeline
from ingest.pipeline.stop import Stop
from ingest.records.backfill_report import BackfillReport
from ingest.records.capture import Capture
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import Outcome
from ingest.records.pages import PageState
from ingest.store import Store
from parsers.records import ParsedPage
from parsers.registry import source_named
from schedules.windows import Window
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY, Rig, busy_day
from tests.kit.workers import kept_worker
from tests.site.faults import instead, unavailable
from tests.site.invent import invented_day
from tests.site.server import SiteServer

DAYS = tuple(DAY - timedelta(days=ago) for ago in range(1, 5))
FIRST, LAST = DAYS[-1], DAYS[0]
EMPTY = DAYS[2]
SECTIONS = (1, 2, 3, 4, 5, 6)
PER_DAY = 5
"""A busy day has articles in five of its sections."""


@pytest.fixture
def site() -> Iterator[SiteServer]:
    busy = [busy_day(day, number=number) for number, day in enumerate(DAYS) if day != EMPTY]
    with SiteServer([*busy, busy_day(number=9)]) as site:
        yield site


@pytest.fixture
def rig(site: SiteServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(ingest.pipeline.opening, "Worker", kept_worker)
    return Rig.ready(site, tmp_path)


def states(rig: Rig, day: date) -> set[str]:
    return {state for (of, _), state in rig.page_states().items() if of == day}


def days_asked(rig: Rig) -> list[str]:
    """The days in the order in which they were first asked for."""
    return list(dict.fromkeys(path.partition("D=")[2][:10] for path in rig.asked))


def test_every_page_of_the_window_is_asked_for_once(rig: Rig) -> None:
    report = rig.backfill(FIRST, LAST)
    assert report.exit_code == 0
    assert (report.days.done, report.days.waiting, report.days.resting) == (4, 0, 0)
    assert len(rig.asked) == len(set(rig.asked)) == 3 * PER_DAY + 1
    rig.site.days.pop(DAY)
    assert rig.held == rig.shown
    assert rig.backfill(FIRST, LAST).exit_code == 0
    assert rig.asked == []


@pytest.mark.long
@pytest.mark.parametrize("newest_first", [True, *long(False)], ids=["newest", "oldest"])
def test_days_come_in_the_order_that_was_asked_for(rig: Rig, *, newest_first: bool) -> None:
    rig.backfill(FIRST, LAST, newest_first=newest_first)
    days = [f"{day:%m/%d/%Y}" for day in (DAYS if newest_first else reversed(DAYS))]
    assert days_asked(rig) == days


@pytest.mark.long
def test_a_day_with_nothing_is_told_from_a_day_that_was_not_reached(rig: Rig) -> None:
    stop = Stop()
    report = rig.backfill(EMPTY, LAST, stop=stop)
    empty = [row for row in rows.table(rig.url, "pages") if row["day"] == EMPTY]
    assert {(row["state"], row["expected_articles"], row["held_articles"]) for row in empty} == {
        ("done", 0, 0)
    }
    assert all(row["visited_at"] is not None for row in empty)
    stop.asked = True
    report = rig.backfill(FIRST, FIRST, stop=stop)
    assert (report.stopped, report.exit_code, report.days.waiting) == (True, 0, 1)
    assert states(rig, FIRST) == {"pending"}


def test_today_and_what_is_to_come_are_not_backfilled(rig: Rig) -> None:
    report = rig.backfill(LAST, DAY + timedelta(days=400))
    assert days_asked(rig) == [f"{LAST:%m/%d/%Y}"]
    assert (report.days.done, report.exit_code) == (1, 0)


@pytest.mark.long
def test_what_failed_rests_is_named_and_is_had_later(rig: Rig) -> None:
    rig.site.faults = [instead(f"D={LAST:%m/%d/%Y}&HC=3", body=b"<p>Internal trouble</p>")]
    report = rig.backfill(FIRST, LAST)
    assert (report.exit_code, report.days.resting, report.days.done) == (1, 1, 3)
    assert [(one.day, one.section, one.state) for one in report.failures] == [(LAST, 3, "failed")]
    assert report.days.again_at is not None
    rig.site.faults = []
    rig.clock.advance(7200)
    report = rig.backfill(FIRST, LAST)
    assert report.exit_code == 0
    assert len(rig.asked) == 1
    rig.site.days.pop(DAY)
    assert rig.held == rig.shown


@pytest.mark.long
def test_a_day_without_a_first_page_rests_as_a_whole(rig: Rig) -> None:
    rig.site.faults = [instead(f"D={LAST:%m/%d/%Y}", body=b"<p>Internal trouble</p>")]
    report = rig.backfill(FIRST, LAST)
    assert (report.days.resting, report.days.waiting, report.exit_code) == (1, 0, 1)
    assert states(rig, LAST) == {"failed", "pending"}
    rig.site.faults = []
    rig.clock.advance(-3000)
    assert rig.backfill(FIRST, LAST).days.resting == 1
    assert rig.asked == []
    rig.clock.advance(7200)
    assert rig.backfill(FIRST, LAST).exit_code == 0


def test_a_host_that_refuses_is_left_alone_for_longer_and_longer(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.site.faults = [unavailable(strikes=1, every=1)]
    report = rig.backfill(FIRST, LAST)
    assert report.exit_code == 3
    reported = [record.args for record in caplog.records if "rantburg, which refuses" in record.getMessage()]
    assert len(dict.fromkeys(reported)) == len(PATIENCE)
    backoffs = (len(PATIENCE) + 1) * (1 + 2 + 4 + 8)
    assert sum(PATIENCE) < sum(rig.clock.sleeps) <= sum(PATIENCE) + backoffs
    assert report.run_outcome == "failed"


def test_robots_that_forbid_end_the_run_at_once(rig: Rig) -> None:
    rig.site.robots = (200, b"User-agent: *\nDisallow: /")
    report = rig.backfill(FIRST, LAST)
    assert (report.exit_code, rig.asked) == (3, [])
    assert sum(rig.clock.sleeps) < min(PATIENCE)


@pytest.mark.long
def test_a_harvest_beside_it_does_not_ask_for_listed_days(rig: Rig) -> None:
    stop = Stop()
    stop.asked = True
    rig.backfill(DAY - timedelta(days=400), LAST, stop=stop)
    rig.site.days.pop(EMPTY, None)
    rig.harvest()
    asked = {path.partition("D=")[2][:10] for path in rig.asked}
    month = {f"{DAY - timedelta(days=ago):%m/%d/%Y}" for ago in range(31)}
    assert asked <= month


@pytest.mark.long
def test_a_day_that_was_harvested_before_it_was_over_is_asked_for_again(rig: Rig) -> None:
    rig.harvest(DAY)
    rig.clock.advance(2 * 86400)
    report = rig.backfill(DAY, DAY)
    assert (report.exit_code, len(rig.asked)) == (0, PER_DAY)
    assert rig.backfill(DAY, DAY).exit_code == 0
    assert rig.asked == []


@pytest.mark.long
def test_a_day_that_another_has_is_passed_over(rig: Rig) -> None:
    with Store.open(rig.url) as store, store.present() as other:
        with store.transaction() as transaction:
            transaction.ledger.enlist(
                PageState(source="rantburg", day=LAST, section=section, state="pending")
                for section in SECTIONS
            )
        now = rig.clock.now()
        lease = store.leases.lease("rantburg", LAST, owner=other, now=now, until=now + 9 * LEASE)
        report = rig.backfill(FIRST, LAST)
        assert (report.days.taken, report.exit_code) == (1, 1)
        assert f"{LAST:%m/%d/%Y}" not in days_asked(rig)
        assert lease is not None
        store.leases.release(lease)
    assert rig.backfill(FIRST, LAST).exit_code == 0


def taken_meanwhile(rig: Rig) -> None:
    """We sleep past the lease, and another process takes the day, which then dies."""
    rig.clock.advance(2 * LEASE.total_seconds())
    now = rig.clock.now()
    with Store.open(rig.url) as store, store.present() as other:
        assert store.leases.lease("rantburg", LAST, owner=other, now=now, until=now + LEASE) is not None


@pytest.mark.long
def test_whoever_slept_past_the_lease_writes_nothing_once_another_has_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = rig.site.answer
    asked: list[str] = []

    def slept(path: str, headers: object) -> object:
        asked.append(path)
        if len(asked) == 3:
            taken_meanwhile(rig)
        return answer(path, headers)  # type: ignore[arg-type]

    monkeypatch.setattr(rig.site, "answer", slept)
    report = rig.backfill(LAST, LAST)
    done = [section for (_, section), state in rig.page_states().items() if state == "done"]
    assert report.exit_code == 1
    assert len(rig.captures()) == len(asked) - 2  # robots.txt, and the page that came too late
    assert sum(len(path.read_bytes()) > 0 for path in rig.archive.iterdir()) == 1
    assert set(done) < set(SECTIONS)
    assert rig.backfill(LAST, LAST).exit_code == 0


@pytest.mark.long
def test_what_was_kept_when_the_lease_was_lost_is_adopted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    parse, parsed = PagePipeline._parse, []

    def slept(pipeline: PagePipeline, url: str, capture: Capture) -> ParsedPage:
        parsed.append(url)
        if len(parsed) == 2:
            taken_meanwhile(rig)
        return parse(pipeline, url, capture)

    monkeypatch.setattr(PagePipeline, "_parse", slept)
    assert rig.backfill(LAST, LAST).exit_code == 1
    monkeypatch.undo()
    assert len(rig.captures()) == 1
    report = rig.backfill(LAST, LAST)
    assert (report.adopted, report.exit_code) == (1, 0)
    assert len(rig.asked) == PER_DAY - 2
    rig.site.days = {LAST: rig.site.days[LAST]}
    assert rig.held == rig.shown


def test_what_one_source_cannot_run_for_is_told(rig: Rig) -> None:
    rig.archive.write_text("no folder", "utf-8")
    with pytest.raises(StoreUnusable):
        rig.backfill(LAST, LAST)
    assert rows.table(rig.url, "runs")[-1]["outcome"] == "failed"


@pytest.mark.long
def test_a_stop_lets_the_page_in_hand_end(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop()
    answer = rig.site.answer

    def stopping(path: str, headers: object) -> object:
        stop.asked = "HC=2" in path or stop.asked
        return answer(path, headers)  # type: ignore[arg-type]

    monkeypatch.setattr(rig.site, "answer", stopping)
    report = rig.backfill(FIRST, LAST, stop=stop)
    assert (report.stopped, report.exit_code) == (True, 0)
    assert [path.rpartition("HC=")[2][0] for path in rig.asked] == ["1", "2"]
    assert report.pages["done"] == 2
    monkeypatch.undo()
    assert rig.backfill(FIRST, LAST).exit_code == 0
    assert len(rig.asked) == 3 * PER_DAY + 1 - 2


@pytest.mark.long
def test_years_of_pages_take_no_memory(rig: Rig) -> None:
    days = [
        invented_day(
            FIRST - timedelta(days=ago),
            articles={1: 1},
            comments=0,
            first_article=900_000 + ago,
            first_comment=9,
        )
        for ago in range(1, 31)
    ]
    for day in days:
        rig.site.put(day)
    rig.site.faults = [instead("HC=1", body=b"<p>Internal trouble</p>")]
    report = rig.backfill(days[-1].day, days[0].day)
    assert len(report.failures) == 20
    assert all(isinstance(one, Outcome) for one in report.failures)


@pytest.mark.long
def test_several_sources_at_once_and_one_that_fails_stops_none(rig: Rig) -> None:
    rantburg = source_named("rantburg")
    unread = replace(rantburg, name="nobodys")
    with SiteServer([busy_day(LAST)]) as other, Store.open(rig.url) as store:
        wanted = [
            Backfill(
                source=source,
                chosen=SourceSettings(base_url=url, delay=0.0),
                window=Window.of(LAST, LAST),
            )
            for source, url in ((unread, other.url), (rantburg, rig.site.url))
        ]
        came = asyncio.run(
            backfill(wanted, rig.workspace(store), progress=lambda _source, _done, _total: None)
        )
        with store.lock("rantburg"):  # a harvest beside it hinders nobody
            assert [one.source for one in came if isinstance(one, BackfillReport)] == ["nobodys", "rantburg"]
    failed, filled = came
    assert isinstance(failed, BackfillReport)
    assert isinstance(filled, BackfillReport)
    assert (failed.exit_code, failed.pages["done"]) == (1, 0)
    assert (filled.exit_code, filled.pages["done"]) == (0, PER_DAY)
    assert len(other.pages_asked) == 2
