"""A source's budget: warned of, kept across runs, never exceeded; the rest is asked for later."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.jobs.backfill import Backfill, backfill
from ingest.jobs.harvest import Harvest
from ingest.jobs.rehearsal import rehearse
from ingest.records.budget import Budget
from ingest.records.outcome import Report
from ingest.store import Store
from parsers.registry import source_named
from schedules.windows import Window
from tests.kit.sites import NAME, SiteRig, rig_for
from tests.site.engines.wordpress.model import small_blog
from tests.site.engines.wordpress.site import WordPressServer

DAY = date(2024, 5, 1)
WHOLE = 6
"""The listing, two threads of a page and one of three."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SiteRig]:
    with WordPressServer(small_blog(threads=(4, 0, 12))) as site:
        site.page_cap = 5
        with rig_for(site, tmp_path, "wordpress", site.model.zone) as rig:
            yield rig


def visit(rig: SiteRig, after: timedelta = timedelta(minutes=10), **limits: int) -> Report:
    rig.budget = Budget(**limits)
    return rig.harvest(DAY, after=after)


@pytest.mark.long
def test_visits_of_a_few_pages_end_as_one_of_all(rig: SiteRig, caplog: pytest.LogCaptureFixture) -> None:
    first = visit(rig, pages_per_visit=5)
    assert (first.exit_code, len(rig.asked), first.run_outcome) == (1, 5, "incomplete")
    assert "4 of 5 pages a visit are used" in caplog.text
    reached = "mine: the budget of 5 pages a visit is used up: the rest is not asked for"
    assert first.as_json()["budget_reached"] == reached == first.budget_reached
    assert "failed" not in {row.state for row in rig.threads().values()}
    assert not rig.coverage().complete
    caplog.clear()
    second = visit(rig, pages_per_visit=5)
    assert (second.exit_code, second.budget_reached) == (0, None)
    assert rig.coverage().complete


def test_a_days_pages_are_one_budget_for_all_runs(rig: SiteRig) -> None:
    assert len([visit(rig, pages_per_day=4), *rig.asked]) == 5
    assert visit(rig, pages_per_day=5).exit_code == 1
    assert len(rig.asked) == 1
    assert visit(rig, pages_per_day=5).outcomes == ()
    assert rig.asked == []
    assert visit(rig, timedelta(days=1), pages_per_day=WHOLE).exit_code == 0
    assert rig.coverage().complete


def test_what_was_fetched_without_a_budget_counts(rig: SiteRig) -> None:
    visit(rig)
    fetched = len(rig.asked)
    visit(rig, pages_per_day=fetched + 1)
    assert len(rig.asked) == 1
    with Store.read(rig.url) as store:
        assert store.spending.of(NAME, DAY, since=rig.clock.now() - timedelta(hours=5)).pages == fetched + 1


def test_a_day_takes_no_more_bytes_and_a_cut_answer_is_no_failure(rig: SiteRig) -> None:
    whole = visit(rig).bytes_received
    folder = Path(rig.url).parent / "other"
    folder.mkdir()
    with rig_for(rig.server, folder, "wordpress", rig.site.zone) as other:
        report = visit(other, bytes_per_day=whole // 2)
        assert whole // 4 < report.bytes_received <= whole
        assert report.exit_code == 1
        assert "bytes" in str(report.budget_reached)
        assert {row.state for row in other.threads().values()} <= {"pending", "done"}


def test_a_backfill_ends_with_its_budget_and_continues(rig: SiteRig) -> None:
    for expected in (1, 0):
        chosen = replace(rig.chosen, budget=Budget(pages_per_visit=5))
        rig.clock.advance(timedelta(days=2).total_seconds())
        with Store.open(rig.url) as store:
            wanted = Backfill(source=source_named(NAME), chosen=chosen, window=Window.of(DAY, DAY))
            [report] = asyncio.run(backfill([wanted], rig.workspace(store), progress=lambda *_: None))
        assert getattr(report, "exit_code", None) == expected
        assert bool(getattr(report, "budget_reached", None)) == (expected == 1)
    assert rig.coverage().complete


def test_a_rehearsal_names_what_the_next_visit_asks_for(rig: SiteRig) -> None:
    visit(rig, pages_per_visit=5)
    with Store.read(rig.url) as store:
        wanted = Harvest(source=source_named(NAME), days=(DAY,))
        found = rehearse(wanted, rig.workspace(store), chosen=rig.chosen)
        late = rehearse(Harvest(source=source_named(NAME)), rig.workspace(store), chosen=rig.chosen)
    planned = [one.url.removeprefix(rig.server.url) for one in found.requests]
    assert [one.if_listed for one in found.requests] == [False, False, True]
    assert late.requests[-1].why.startswith("for comments since 2024-")
    visit(rig)
    assert next(path.removeprefix("/") for path in rig.asked if "post=" in path) == planned[2]
    assert rig.asked[0].removeprefix("/") == planned[1]
