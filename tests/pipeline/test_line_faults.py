"""A site that fails in every way it can: the right rows or none, never wrong ones, an honest exit code."""

from dataclasses import replace

import pytest

from ingest.archive import Place, read_body
from ingest.errors import Busy, StoreUnusable
from ingest.pipeline import load as loading
from ingest.store import Store
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY, NOON, Rig
from tests.site.faults import Fault, cut_body, cut_gzip, instead, redirect, too_many, unavailable
from tests.site.render import encoded, section_page
from tests.site.server import SiteServer

METADATA = "http://169.254.169.254/latest/meta-data/"

WALL = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
LOGIN = b'<html><body><form><input name="user"><input type="password" name="word"></form></body></html>'
BLOCK = "background:midnightblue"
ERROR = b"Fatal error: Too many connections in /srv/site/index.php on line 7"


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([unavailable("HC=")], id="503 twice in three", marks=pytest.mark.long),
        pytest.param([too_many("HC=", retry_after="1", times=3)], id="429 for a second"),
        pytest.param(
            [too_many("HC=2", retry_after="Sat, 14 Apr 2018 18:00:00 GMT")],
            id="429 until a date",
            marks=pytest.mark.long,
        ),
        pytest.param([cut_body("HC=", times=3), cut_gzip("HC=6", times=2)], id="cut bodies"),
        pytest.param(
            [instead("HC=3", body=b"", status=500, times=4)], id="500 four times", marks=pytest.mark.long
        ),
    ],
)
def test_what_passes_costs_requests_and_no_row(rig: Rig, site: SiteServer, faults: list[Fault]) -> None:
    site.faults = faults
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["done"]) == (0, 5)
    assert report.requests > 5
    assert rig.held == rig.shown


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [*long(cut_body("HC=3", times=None)), cut_gzip("HC=3", times=None)],
)
def test_a_page_that_is_always_cut_fails_alone(rig: Rig, site: SiteServer, fault: Fault) -> None:
    site.faults = [fault]
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["done"], report.pages["failed"]) == (1, 4, 1)
    assert rig.held == [row for row in rig.shown if row["section"] != 3]
    assert rig.page_states()[DAY, 3] == "failed"
    site.faults = []
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(cut_body(times=None), id="cut"),
        pytest.param(instead("HC=", body=b"", status=503), id="503"),
        pytest.param(redirect("HC=", to=METADATA), id="redirect"),
    ],
)
def test_where_nothing_can_be_had_the_code_is_3(rig: Rig, site: SiteServer, fault: Fault) -> None:
    site.faults = [fault]
    report = rig.harvest(DAY)
    assert (report.exit_code, report.run_outcome) == (3, "failed")
    assert (rig.held, rig.captures()) == ([], [])


def test_a_redirect_to_a_private_address_is_not_followed(rig: Rig, site: SiteServer) -> None:
    site.faults = [redirect("HC=2", to=METADATA)]
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["failed"]) == (1, 1)
    assert "out of the source's scope" in str(report.outcomes[1].reason)
    assert rig.held == [row for row in rig.shown if row["section"] != 2]


@pytest.mark.long
@pytest.mark.parametrize(
    "to",
    ["/?D=04/14/2018&HC=1&SO=", *long("/?D=04/13/2018&HC=2&SO=", "/", "/poparticle.php?ID=510000")],
)
def test_a_redirect_to_another_page_brings_no_wrong_row(rig: Rig, site: SiteServer, to: str) -> None:
    rig.harvest(DAY)
    site.faults = [redirect("HC=2", to=to)]
    report = rig.harvest(DAY, full=True)
    assert report.exit_code == 1
    assert rig.held == rig.shown
    assert rows.vanished(rig.url) == set()
    assert rig.page_states()[DAY, 2] != "done"


@pytest.mark.parametrize(
    ("status", "asked"), [(500, 0), (503, 0), (429, 0)], ids=["server error", "unavailable", "too many"]
)
def test_a_robots_txt_that_fails_stops_everything(
    rig: Rig, site: SiteServer, status: int, asked: int
) -> None:
    site.robots = (status, b"")
    report = rig.harvest(DAY)
    assert (report.exit_code, report.requests, rig.asked) == (3, 0, [])


def test_a_robots_txt_that_forbids_is_obeyed(rig: Rig, site: SiteServer) -> None:
    site.robots = (200, b"User-agent: *\nDisallow: /\n")
    report = rig.harvest(DAY, DAY.replace(day=13))
    assert (report.exit_code, rig.asked, len(report.outcomes)) == (3, [], 1)


def test_a_robots_txt_that_forbids_some_forbids_only_that(rig: Rig, site: SiteServer) -> None:
    site.robots = (200, b"User-agent: *\nDisallow: /*HC=4\n")
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["failed"]) == (1, 1)
    assert not [path for path in rig.asked if "HC=4" in path]
    assert rig.held == [row for row in rig.shown if row["section"] != 4]


def test_an_unreachable_site(rig: Rig) -> None:
    report = rig.harvest(DAY, base_url="http://127.0.0.1:9/")
    assert (report.exit_code, len(report.outcomes)) == (3, 1)


@pytest.mark.long
def test_a_second_run_is_told_who_holds_the_source(rig: Rig) -> None:
    with Store.open(rig.url) as store, store.lock("rantburg"):
        run_id = store.runs.begin("harvest", "rantburg", NOON)
        with pytest.raises(Busy, match=r"another run holds rantburg: harvest, process \d+ on "):
            rig.harvest(DAY)
        assert [run.run_id for run in store.runs.newest()] == [run_id]
    assert rig.harvest(DAY).exit_code == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(WALL, "wall", id="challenge", marks=pytest.mark.long),
        pytest.param(LOGIN, "wall", id="login", marks=pytest.mark.long),
        pytest.param(ERROR, "wall", id="error text", marks=pytest.mark.long),
        pytest.param(b"", "none of rantburg's", id="empty"),
        pytest.param(
            b"<html><body><p>Welcome to another site</p></body></html>",
            "none of",
            id="other site",
            marks=pytest.mark.long,
        ),
    ],
)
def test_another_page_in_a_pages_place(rig: Rig, site: SiteServer, body: bytes, said: str) -> None:
    rig.harvest(DAY)
    site.faults = [instead("HC=2", body=body)]
    report = rig.harvest(DAY, full=True)
    assert (report.exit_code, report.pages["failed"]) == (1, 1)
    assert rig.held == rig.shown
    assert rows.vanished(rig.url) == set()
    assert said in failed_capture(rig, body)["error"]


def test_a_page_of_another_day_in_a_pages_place(rig: Rig, site: SiteServer) -> None:
    rig.harvest(DAY)
    other = encoded(section_page(site._day(DAY.replace(day=2)), 1))
    site.faults = [instead("HC=", body=other)]
    report = rig.harvest(DAY, full=True)
    assert (report.exit_code, len(report.outcomes)) == (1, 2)
    assert rig.held == rig.shown
    assert rows.vanished(rig.url) == set()
    assert "2018-04-02" in failed_capture(rig, other)["error"]


@pytest.mark.long
def test_a_site_that_lost_its_articles_marks_nothing_vanished(rig: Rig, site: SiteServer) -> None:
    rig.harvest(DAY)
    page = encoded(section_page(site.days[DAY], 1))
    site.faults = [instead("HC=1", body=page[: page.index(b"hline")])]
    assert rig.harvest(DAY, full=True).exit_code == 1
    assert rows.vanished(rig.url) == set()


def test_a_page_whose_counters_disagree_is_loaded_and_short(rig: Rig, site: SiteServer) -> None:
    day = site.days[DAY]
    page = encoded(section_page(day, 1))
    counted = f"{day.comments_today} comments".encode()
    assert counted in page
    site.faults = [instead("HC=1", body=page.replace(counted, b"99 comments"))]
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["short"]) == (1, 1)
    assert "99 comments by its counter" in str(report.outcomes[0].reason)
    assert rig.held == rig.shown
    assert rig.page_states()[DAY, 1] == "short"


@pytest.mark.long
def test_a_thread_cut_by_the_site_is_short_and_nothing_vanishes(rig: Rig, site: SiteServer) -> None:
    rig.harvest(DAY)
    day = site.days[DAY]
    cut = replace(day, articles=tuple(replace(one, comments=one.comments[:1]) for one in day.articles))
    whole, fewer = section_page(day, 2), section_page(cut, 2)
    # The head and the headlines as they were, the blocks with shorter threads.
    mixed = whole[: whole.index(BLOCK)] + fewer[fewer.index(BLOCK) :]
    site.faults = [instead("HC=2", body=encoded(mixed))]
    report = rig.harvest(DAY, full=True)
    assert (report.exit_code, report.pages["short"]) == (1, 1)
    assert rig.held == rig.shown
    assert rows.vanished(rig.url) == set()


@pytest.mark.parametrize("status", [403, *long(404, 410)])
def test_a_status_that_is_no_page_is_kept_and_fails(rig: Rig, site: SiteServer, status: int) -> None:
    site.faults = [instead("HC=2", body=b"gone", status=status)]
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["failed"]) == (1, 1)
    assert f"the site answered {status}" in failed_capture(rig, b"gone")["error"]


def test_an_archive_that_cannot_be_written_stops_the_run(rig: Rig) -> None:
    rig.archive.write_text("no folder")
    with pytest.raises(StoreUnusable, match="the archive cannot be written"):
        rig.harvest(DAY)
    (run,) = rows.table(rig.url, "runs")
    assert run["outcome"] == "failed"
    assert "archive" in run["error"]
    assert (rig.held, rig.captures()) == ([], [])


def test_a_bug_fails_its_page_and_not_the_run(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    agreement = loading.agreement

    def broken(page: object) -> tuple[str, ...]:
        if page.section == 2:  # type: ignore[attr-defined]
            raise ZeroDivisionError("of our own making")
        return agreement(page)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "agreement", broken)
    report = rig.harvest(DAY)
    assert (report.exit_code, report.pages["done"], report.pages["failed"]) == (1, 4, 1)
    assert report.outcomes[1].bug
    assert "a bug in thresher failed http://127.0.0.1" in caplog.text
    assert rig.held == [row for row in rig.shown if row["section"] != 2]


def failed_capture(rig: Rig, body: bytes) -> dict[str, str]:
    """The newest capture with an error, after its record was read back."""
    row = [row for row in rig.captures() if row["error"]][-1]
    place = Place(file=row["warc_file"], offset=row["warc_offset"], length=row["warc_length"])
    assert read_body(rig.archive, place) == body
    return row


@pytest.mark.long
def test_a_host_that_refuses_two_pages_is_asked_for_no_third(rig: Rig, site: SiteServer) -> None:
    site.faults = [unavailable(f"HC={section}", strikes=1, every=1) for section in (2, 3, 4, 6)]
    report = rig.harvest(DAY)
    assert [(one.section, one.state) for one in report.outcomes] == [
        (1, "done"),
        (2, "failed"),
        (3, "failed"),
    ]
    assert report.exit_code == 1
    assert not [path for path in rig.asked if "HC=4" in path or "HC=6" in path]
    site.faults = []
    assert rig.harvest(DAY).exit_code == 0
    assert rig.held == rig.shown


def test_what_makes_a_page_doubtful_leaves_an_empty_section_done(rig: Rig, site: SiteServer) -> None:
    page = section_page(site.days[DAY], 1)
    site.faults = [instead("HC=1", body=encoded(page.replace("Today: 9 articles", "Today: 10 articles")))]
    rig.harvest(DAY)
    assert rig.page_states()[DAY, 1] == "short"
    assert rig.page_states()[DAY, 5] == "done"


@pytest.mark.long
def test_a_day_that_failed_rests_each_time_for_longer(rig: Rig, site: SiteServer) -> None:
    site.faults = [instead("HC=", body=b"", status=404)]
    rig.harvest(DAY.replace(day=1))
    asked = []
    for _ in range(8):
        rig.harvest()
        asked.append(sum("D=04/01" in path for path in rig.asked))
    # An hour passes between two visits: it is due after 1, 2 and 4 of them.
    assert asked == [2, 0, 2, 0, 0, 0, 2, 0]
