"""One run under a wrong clock, and then one under the right one: what is seen then is what is held."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from ingest.errors import CouldNotRun
from ingest.records.outcome import Outcome
from tests.kit import rows
from tests.kit.rig import DAY, NOON, Rig
from tests.site.model import delete_comment, edit_comment
from tests.site.pieces import Text
from tests.site.server import SiteServer

HOUR = 3600.0


def harvested(rig: Rig, moment: datetime) -> int:
    rig.clock.advance((moment - rig.clock.now()).total_seconds() - HOUR)
    return rig.harvest(DAY, full=True).exit_code


def changed(site: SiteServer) -> None:
    day = site.days[DAY]
    spoken = [one for one in day.articles if len(one.comments) > 1]
    edited, deleted = spoken[0].comments[0], spoken[1].comments[-1]
    day = edit_comment(day, spoken[0].external_id, edited.external_id, (Text("This was put right."),))
    site.put(delete_comment(day, spoken[1].external_id, deleted.external_id))


@pytest.mark.long
@pytest.mark.parametrize(
    "ahead",
    [
        pytest.param(3 * HOUR, id="3 hours"),
        pytest.param(40 * 24 * HOUR, id="40 days", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize(
    "first",
    [pytest.param(True, id="the first run"), pytest.param(False, id="a later run", marks=pytest.mark.long)],
)
def test_after_a_run_ahead_the_next_one_sees_edits_and_deletions(
    ahead: float, first: bool, rig: Rig, site: SiteServer, caplog: pytest.LogCaptureFixture
) -> None:
    if not first:
        assert harvested(rig, NOON) == 0
    there = NOON.timestamp() + ahead
    assert harvested(rig, datetime.fromtimestamp(there, UTC)) == 0
    changed(site)
    before = sum(rig.clock.sleeps)
    assert harvested(rig, datetime.fromtimestamp(NOON.timestamp() + HOUR, UTC)) == 0
    assert sum(rig.clock.sleeps) - before < 60
    assert "were later than now" in caplog.text
    assert rig.held == rig.shown
    assert len(rows.versions(rig.url)) == 1
    gone = [row for row in rows.table(rig.url, "comments") if row["vanished_at"] is not None]
    assert len(gone) == 1
    assert set(rig.page_states().values()) == {"done"}


@pytest.mark.long
def test_a_clock_without_a_battery_harvests_nothing(rig: Rig) -> None:
    assert harvested(rig, NOON) == 0
    held = rig.captures()
    with pytest.raises(CouldNotRun, match="the clock says 1970-01-01 01:00 UTC: set it"):
        harvested(rig, datetime(1970, 1, 1, 1, tzinfo=UTC))
    assert rig.captures() == held
    assert harvested(rig, datetime.fromtimestamp(NOON.timestamp() + 9 * HOUR, UTC)) == 0
    assert rig.held == rig.shown


@pytest.mark.long
def test_a_clock_that_is_years_behind_is_reported_and_mends_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    assert harvested(rig, NOON) == 0
    moments = [row["captured_at"] for row in rig.captures()]
    with caplog.at_level(logging.WARNING):
        harvested(rig, datetime(2010, 1, 1, tzinfo=UTC))
    assert "all that is held is later than the clock's 2010-01-01 UTC" in caplog.text
    assert [row["captured_at"] for row in rig.captures()][: len(moments)] == moments


class Lid:
    """Closes a laptop for nine hours once so many pages are done."""

    def __init__(self, rig: Rig, pages: int) -> None:
        self._rig = rig
        self._left = pages

    def append(self, _: Outcome) -> None:
        self._left -= 1
        if self._left == 0:
            self._rig.clock.suspend(9 * HOUR)


@pytest.mark.parametrize("pages", [1, 3])
def test_a_laptop_that_slept_in_a_harvest_goes_on(rig: Rig, pages: int) -> None:
    rig.told = Lid(rig, pages)  # type: ignore[assignment]
    assert harvested(rig, NOON) == 0
    assert rig.held == rig.shown
    assert rig.clock.now() >= NOON + timedelta(hours=9)
    assert sum(rig.clock.sleeps) < 60
    assert set(rig.page_states().values()) == {"done"}


def test_a_laptop_that_slept_in_a_backfill_goes_on(rig: Rig) -> None:
    rig.clock.advance(48 * HOUR)
    report = rig.backfill(DAY, DAY, on_outcome=Lid(rig, 2).append)
    assert report.exit_code == 0
    assert rig.held == rig.shown
    assert sum(rig.clock.sleeps) < 60
    assert set(rig.page_states().values()) == {"done"}
    assert rig.backfill(DAY, DAY).exit_code == 0
    assert rig.asked == []
