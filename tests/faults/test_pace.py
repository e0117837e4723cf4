"""One host is asked by one at a time and never sooner than its delay, by the server's own clock."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from ingest.fetch import Limits
from parsers.packs import ENTRY_POINTS
from tests.faults.children import backfill_words, thresher
from tests.faults.held import ALL_WELL, reckoned
from tests.faults.site import SECTIONS, WatchedSite, before, past_days, shortest_gap
from tests.faults.sizes import sizes
from tests.kit.child import Child, ended
from tests.kit.rig import DAY, Rig, busy_day
from tests.site.faults import Fault, too_many

DELAY = 0.2
TWIN = """
from dataclasses import replace
from parsers.sources.rantburg import SOURCE as own
SOURCE = replace(own, name="twin")
"""
"""Another source at the same host; its pages say that they are the first one's, which is no matter here."""


def beside_one_another(rig: Rig, days: int) -> list[tuple[int, str, str]]:
    """Two backfills of one window and a harvest of other days, at the same time, from three processes."""
    window = backfill_words(rig, before(days), before(1), delay=DELAY)
    harvest = [
        "harvest",
        "rantburg",
        "--date",
        DAY.isoformat(),
        "--base-url",
        rig.site.url,
        "--delay",
        str(DELAY),
    ]
    children: list[Child] = [thresher(rig, *words) for words in (window, window, harvest)]
    return [ended(child, within=300) for child in children]


@sizes("days", quick=3, full=20)
def test_three_processes_keep_the_delay(
    days: int, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    with WatchedSite([busy_day(), *past_days(days)]) as site:
        rig = Rig(site, tmp_path)
        codes = [code for code, _, _ in beside_one_another(rig, days)]
        pages = days * len(SECTIONS) + 5
        gap = shortest_gap(site)
        figure(
            "T29",
            f"{len(site.visited)} requests of 3 processes, delay {DELAY} s: shortest gap {gap:.3f} s, "
            f"at most {site.most_at_once} at once",
        )
        assert gap >= DELAY
        assert site.most_at_once == 1
        # Whoever ends while another still has its last day says that days are left.
        assert set(codes) <= {0, 1}
        assert 0 in codes
        assert len(site.pages_asked) == len(set(site.pages_asked)) == pages
        assert reckoned(rig) == ALL_WELL


@sizes("days", quick=2, full=10)
def test_two_sources_at_one_host(days: int, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    with WatchedSite(past_days(days)) as site, WatchedSite(past_days(days)) as twin:
        rig = Rig(site, tmp_path)
        settings = tmp_path / "thresher.toml"
        tables = (
            f'[sources.{name}]\nbase_url = "{url}"\ndelay = {DELAY}\n'
            for name, url in (("rantburg", site.url), ("twin", twin.url))
        )
        settings.write_text("".join(tables), "utf-8")
        window = ["--since", before(days).isoformat(), "--until", before(1).isoformat()]
        words = ["--config", str(settings), "backfill", "rantburg", "twin", *window]
        _, _, err = ended(thresher(rig, *words, path=installed(tmp_path / "packs")), within=300)
        gap = shortest_gap(site, twin)
        counts = f"{len(site.visited)} and {len(twin.visited)} requests"
        figure("T29", f"{counts} of 2 sources at one host, delay {DELAY} s: shortest gap {gap:.3f} s")
        assert "Traceback" not in err
        # What the one has had, the other need not ask for.
        assert len({*site.pages_asked, *twin.pages_asked}) == days * len(SECTIONS)
        assert len({path for path in twin.pages_asked if "HC=1" in path}) == days
        assert gap >= DELAY


def installed(folder: Path) -> str:
    """A folder with the twin in it, as pip would have left it."""
    (folder / "twin-1.dist-info").mkdir(parents=True)
    (folder / "twin-1.dist-info" / "entry_points.txt").write_text(
        f"[{ENTRY_POINTS}]\ntwin = twin_pack:SOURCE\n"
    )
    (folder / "twin_pack.py").write_text(TWIN)
    return str(folder)


@sizes("days", quick=1, full=4)
def test_what_one_process_is_told_all_wait_for(days: int, tmp_path: Path) -> None:
    with WatchedSite([busy_day(), *past_days(days)]) as site:
        rig = Rig(site, tmp_path)
        site.faults = [too_many("HC=", retry_after="2")]
        codes = [code for code, _, _ in beside_one_another(rig, days)]
        told = next(visit for visit in site.visited if visit.status == 429)
        after = [visit.came - told.answered for visit in site.visited if visit.came > told.answered]
        assert min(after) >= 2
        assert max(codes) <= 1
        assert reckoned(rig) == ALL_WELL


@sizes("days", quick=10, full=200)
def test_a_storm_of_429(days: int, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    with WatchedSite(past_days(days, comments=1)) as site:
        rig = Rig(site, tmp_path)
        site.faults = [Fault(path="HC=", status=429, headers=(("Retry-After", "2"),), strikes=1, every=20)]
        seen: list[tuple[float, int]] = []
        answer = site.answer

        def noted(*asked: object) -> object:
            answered = answer(*asked)  # type: ignore[arg-type]
            seen.append((rig.clock.monotonic(), answered.status))
            return answered

        site.answer = noted  # type: ignore[method-assign, assignment]
        report = rig.backfill(before(days), before(1), limits=Limits())
        waits = [later - at for (at, status), (later, _) in pairwise(seen) if status == 429]
        too_soon = sum(wait < 2 for wait in waits)
        pages = days * len(SECTIONS)
        figure(
            "T26",
            f"{pages} pages, {len(waits)} answers of 429: {too_soon} requests in their 2 s, "
            f"{report.pages['done']} pages had",
        )
        assert waits
        assert too_soon == 0
        assert (report.exit_code, report.pages["done"]) == (0, pages)
        assert report.requests == pages + len(waits)
        assert rig.held == rig.shown
