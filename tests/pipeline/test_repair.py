"""A repair on a site that was broken and is mended: just the pages that lack something are asked for."""

import asyncio
from datetime import date, timedelta

import pytest

from ingest.errors import Busy, StoreUnusable
from ingest.jobs import repair as room
from ingest.jobs.repair import Repair, RepairPlan, RepairReport, planned, repair
from ingest.pipeline.stop import Stop
from ingest.records.chosen import SourceSettings
from ingest.records.pages import PageState
from ingest.store import Store
from parsers.registry import source_named
from tests.kit import rows
from tests.kit.rig import DAY, HOUR, NOON, Rig, busy_day
from tests.pipeline.test_line_adoption import killed
from tests.site.faults import cut_body, instead, unavailable
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

SOURCE = source_named("rantburg")
BEFORE = DAY - timedelta(days=1)


def repaired(
    rig: Rig, since: date | None = None, until: date | None = None, *, stop: Stop | None = None
) -> RepairReport:
    """Like ``rig.harvest``; ``rig.asked`` is what the site was asked for."""
    rig.clock.advance(HOUR.total_seconds())
    before = len(rig.site.pages_asked)
    with Store.open(rig.url) as store:
        report = asyncio.run(
            repair(
                Repair(source=SOURCE, since=since, until=until),
                rig.workspace(store, stop=stop),
                chosen=SourceSettings(base_url=rig.site.url, delay=0.0),
                progress=rig.told.append,
            )
        )
    rig.asked = rig.site.pages_asked[before:]
    return report


def plan(rig: Rig, since: date | None = None, until: date | None = None) -> RepairPlan:
    with Store.open(rig.url) as store:
        return planned(Repair(source=SOURCE, since=since, until=until), store)


def put(rig: Rig, *pages: PageState) -> None:
    with Store.open(rig.url) as store, store.transaction() as tx:
        for page in pages:
            tx.ledger.put(page)


def page(day: date, section: int) -> str:
    return f"/?D={day:%m/%d/%Y}&HC={section}&SO="


@pytest.fixture
def two_days(site: SiteServer) -> None:
    site.put(busy_day(BEFORE, number=1))


@pytest.fixture
def broken(rig: Rig, site: SiteServer, two_days: None) -> None:
    """Two days harvested while section 3 was always cut and section 1 of the newer day miscounted."""
    counted = f"{site.days[DAY].comments_today} comments".encode()
    wrong = encoded(section_page(site.days[DAY], 1)).replace(counted, b"99 comments")
    site.faults = [cut_body("HC=3", times=None), instead(page(DAY, 1), body=wrong)]
    assert rig.harvest(DAY, BEFORE).exit_code == 1
    site.faults = []


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_just_the_short_and_the_failed_are_asked_for_each_once(rig: Rig) -> None:
    report = repaired(rig)
    assert rig.asked == [page(DAY, 1), page(DAY, 3), page(BEFORE, 3)]
    assert (report.exit_code, report.run_outcome) == (0, "complete")
    assert (len(report.before.incomplete), report.after.complete) == (3, True)
    assert rig.held == rig.shown
    assert [outcome.section for outcome in rig.told[-3:]] == [1, 3, 3]


@pytest.mark.usefixtures("broken")
def test_a_repair_is_a_run_of_its_own_and_the_next_has_nothing_to_ask(rig: Rig) -> None:
    assert repaired(rig).visits.run_id == 2
    again = repaired(rig)
    assert (again.exit_code, rig.asked, again.visits.requests) == (0, [], 0)
    runs = rows.table(rig.url, "runs")
    assert [(run["command"], run["outcome"]) for run in runs] == [
        ("harvest", "incomplete"),
        ("repair", "complete"),
        ("repair", "complete"),
    ]
    assert '"requests": 3' in runs[1]["counts"]
    assert {row["run_id"] for row in rig.captures()} == {1, 2}


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_window_leaves_the_other_days_alone(rig: Rig) -> None:
    report = repaired(rig, BEFORE, BEFORE)
    assert (report.exit_code, rig.asked) == (0, [page(BEFORE, 3)])
    assert repaired(rig, since=DAY).exit_code == 0
    assert rig.asked == [page(DAY, 1), page(DAY, 3)]


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_plan_changes_nothing_and_what_rests_is_in_it(rig: Rig) -> None:
    resting = {row["not_before"] for row in rows.table(rig.url, "pages") if row["state"] != "done"}
    assert min(resting) > rig.clock.now()
    before = rows.digest(rig.url)
    found = plan(rig)
    assert [(row.day, row.section, row.state) for row in found.rows] == [
        (DAY, 1, "short"),
        (DAY, 3, "failed"),
        (BEFORE, 3, "failed"),
    ]
    assert (plan(rig, until=BEFORE).rows, rows.digest(rig.url)) == (found.rows[2:], before)


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_site_that_is_still_broken(rig: Rig, site: SiteServer) -> None:
    site.faults = [cut_body("HC=3", times=None)]
    report = repaired(rig, until=DAY)
    assert (report.exit_code, report.run_outcome, report.not_asked) == (1, "incomplete", 0)
    assert [(one.day, one.section) for one in report.after.incomplete] == [(BEFORE, 3), (DAY, 3)]
    assert rig.page_states()[DAY, 1] == "done"


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_site_that_gives_nothing_is_left_alone(rig: Rig, site: SiteServer) -> None:
    site.faults = [unavailable(strikes=1, every=1)]
    report = repaired(rig)
    assert (report.exit_code, report.run_outcome) == (3, "failed")
    assert (len(report.visits.outcomes), report.not_asked) == (2, 1)


@pytest.mark.long
def test_pages_that_can_never_be_had_do_not_stand_before_the_others(
    rig: Rig, site: SiteServer, two_days: None
) -> None:
    rig.harvest(DAY, BEFORE)
    put(
        rig,
        *(
            PageState(source="rantburg", day=day, section=section, state="failed", attempts=1)
            for day, section in ((DAY, 1), (DAY, 2), (BEFORE, 1))
        ),
    )
    site.faults = [unavailable(page(DAY, section), strikes=1, every=1) for section in (1, 2)]
    assert repaired(rig).not_asked == 1
    report = repaired(rig)
    assert (report.not_asked, report.exit_code) == (0, 1)
    assert rig.asked[0] == page(BEFORE, 1)
    assert rig.page_states()[BEFORE, 1] == "done"


@pytest.mark.long
def test_what_was_lost_since_is_fetched_though_the_ledger_says_done(rig: Rig, site: SiteServer) -> None:
    rig.harvest(DAY)
    lost = next(one for one in site.days[DAY].of_section(2) if one.comments)
    gone = lost.comments[0].external_id
    rows.execute(rig.url, f"DELETE FROM comments WHERE external_id = '{gone}'")
    assert rig.page_states()[DAY, 2] == "done"
    report = repaired(rig)
    assert (report.exit_code, rig.asked) == (0, [page(DAY, 2)])
    assert (len(report.before.shortfalls), report.after.shortfalls) == (1, ())
    assert rig.held == rig.shown


@pytest.mark.long
def test_articles_that_are_uneven_are_fetched_though_the_sums_agree(rig: Rig, site: SiteServer) -> None:
    rig.harvest(DAY)
    first, second = [one.external_id for one in site.days[DAY].of_section(1) if one.comments][:2]
    for which, by in ((first, "+ 1"), (second, "- 1")):
        rows.execute(
            rig.url,
            f"UPDATE articles SET claimed_comments = claimed_comments {by} WHERE external_id = '{which}'",
        )
    report = repaired(rig)
    assert (report.exit_code, rig.asked) == (0, [page(DAY, 1)])
    assert len(report.before.shortfalls) == 2


@pytest.mark.long
def test_pages_that_were_never_loaded_are_told_and_not_fetched(rig: Rig) -> None:
    rig.harvest(DAY)
    put(rig, *(PageState(source="rantburg", day=BEFORE, section=n, state="pending") for n in (1, 2)))
    report = repaired(rig)
    assert (report.exit_code, rig.asked, report.never_loaded) == (1, [], 2)
    assert report.after.unvisited == (BEFORE,)


def test_a_repair_of_nothing(rig: Rig) -> None:
    report = repaired(rig)
    assert (report.exit_code, rig.asked) == (1, [])
    assert report.as_json()["planned"] == 0


def test_a_second_run_is_told_who_holds_the_source(rig: Rig) -> None:
    with Store.open(rig.url) as store, store.lock("rantburg"):
        store.runs.begin("harvest", "rantburg", NOON)
        with pytest.raises(Busy, match="another run holds rantburg: harvest"):
            repaired(rig)
    assert [run["command"] for run in rows.table(rig.url, "runs")] == ["harvest"]


@pytest.mark.long
def test_what_a_killed_run_left_in_the_archive_is_not_asked_for(rig: Rig) -> None:
    killed(rig, section=4)
    rows.execute(rig.url, "UPDATE pages SET state = 'failed' WHERE section = 4")
    report = repaired(rig, DAY, DAY)
    assert (report.visits.adopted, rig.asked, report.rows) == (1, [], ())
    assert (report.exit_code, report.never_loaded) == (1, 1)
    assert rig.page_states()[DAY, 4] == "done"


@pytest.mark.long
def test_an_archive_that_cannot_be_written_ends_the_run(rig: Rig) -> None:
    rig.harvest(DAY)
    put(rig, PageState(source="rantburg", day=DAY, section=2, state="failed"))
    for file in rig.archive.iterdir():
        file.unlink()
    rig.archive.rmdir()
    rig.archive.write_text("no folder")
    with pytest.raises(StoreUnusable, match="archive"):
        repaired(rig)
    run = rows.table(rig.url, "runs")[-1]
    assert (run["command"], run["outcome"]) == ("repair", "failed")
    assert "archive" in run["error"]


@pytest.mark.long
def test_a_run_that_is_broken_off_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.harvest(DAY)

    async def interrupted(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(room.Asking, "through", interrupted)
    with pytest.raises(asyncio.CancelledError):
        repaired(rig)
    assert rows.table(rig.url, "runs")[-1]["error"] == "broken off"


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_day_that_another_process_has_on_lease_is_left_to_it(rig: Rig) -> None:
    later = rig.clock.now() + 9 * HOUR
    with Store.open(rig.url) as store, store.present() as other:
        lease = store.leases.lease(
            "rantburg", DAY, owner=other, now=rig.clock.now(), until=later, sections=[2]
        )
        assert lease is not None
        report = repaired(rig)
        assert rig.asked == [page(BEFORE, 3)]
        assert (report.taken, report.not_asked, report.exit_code) == (3, 0, 1)
        assert report.as_json()["taken"] == 3
        store.leases.release(lease)
    assert repaired(rig).exit_code == 0
    assert rig.asked == [page(DAY, 1), page(DAY, 3)]


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_page_that_is_asked_for_is_on_lease_meanwhile(rig: Rig, site: SiteServer) -> None:
    seen: list[tuple[object, ...]] = []
    answer = site.answer

    def watched(*asked: object) -> object:
        leased = [row for row in rows.table(rig.url, "pages") if row["state"] == "leased"]
        seen.extend((row["day"], row["section"], row["leased_from"]) for row in leased)
        return answer(*asked)  # type: ignore[arg-type]

    site.answer = watched  # type: ignore[method-assign, assignment]
    assert repaired(rig).exit_code == 0
    assert list(dict.fromkeys(seen)) == [(DAY, 1, "short"), (DAY, 3, "failed"), (BEFORE, 3, "failed")]
    assert {row["lease_owner"] for row in rows.table(rig.url, "pages")} == {None}


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_a_repair_that_is_to_stop_finishes_the_page_in_hand(rig: Rig) -> None:
    stop = Stop()
    told = rig.told

    class Stopping(list):  # type: ignore[type-arg]
        def append(self, outcome: object) -> None:
            told.append(outcome)  # type: ignore[arg-type]
            stop.ask()

    rig.told = Stopping()
    report = repaired(rig, stop=stop)
    assert rig.asked == [page(DAY, 1)]
    assert (report.visits.stopped, report.not_asked, report.exit_code) == (True, 2, 1)
    assert rig.page_states()[DAY, 1] == "done"
    run = rows.table(rig.url, "runs")[-1]
    assert (run["command"], run["outcome"]) == ("repair", "incomplete")
    rig.told = told
    assert repaired(rig).exit_code == 0
    assert rig.asked == [page(DAY, 3), page(BEFORE, 3)]


@pytest.mark.long
@pytest.mark.usefixtures("broken")
def test_what_a_killed_repair_had_on_lease_is_asked_for_again(rig: Rig) -> None:
    with Store.open(rig.url) as store, store.present() as dead:
        now = rig.clock.now()
        assert store.leases.lease("rantburg", BEFORE, owner=dead, now=now, until=now + 9 * HOUR, sections=[3])
    assert rig.page_states()[BEFORE, 3] == "leased"
    assert repaired(rig).exit_code == 0
    assert rig.asked == [page(DAY, 1), page(DAY, 3), page(BEFORE, 3)]
