"""A fleet on two machines whose archive is in a bucket; one worker is killed: nothing is lost or doubled."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.faults.site import SECTIONS, WatchedSite, before, past_days
from tests.kit import rows
from tests.kit.child import kill
from tests.kit.farm import SOURCE
from tests.kit.fleet import FleetRig
from tests.kit.objects import ObjectServer
from tests.kit.postgres import server_or_skip
from tests.kit.waiting import until
from tests.site.engines.wordpress.model import small_blog, utc
from tests.site.engines.wordpress.site import WordPressServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

DAYS = 4
PAGES = DAYS * len(SECTIONS)
WINDOW = ("--since", before(DAYS).isoformat(), "--until", before(1).isoformat())
BLOG_WINDOW = ("--since", "2024-05-01", "--until", "2024-05-04")
MOMENTS = {"first_seen_at", "last_seen_at", "captured_at", "claimed_at"}


class OtherHost(WordPressServer):
    """At an address of its own: each host is one worker's."""

    host = "127.0.0.2"


@pytest.fixture
def site() -> Iterator[WatchedSite]:
    with WatchedSite(past_days(DAYS), pause=0.05) as site:
        site.volatile = False  # or its pages say how often it was asked
        yield site


@pytest.fixture
def blog() -> Iterator[WordPressServer]:
    blog = small_blog(threads=(4, 0, 7))
    for later in range(1, 4):
        post = blog.add_post(utc(2024, 5, 1, 6) + timedelta(days=later))
        blog.add_comment(post.id, "Ann", f"The word of day {later}.")
    with OtherHost(blog) as server:
        yield server


def exported(rig: FleetRig, folder: Path) -> dict[str, str]:
    """The SHA-256 of each table as ``export`` writes it, without the moments of visits."""
    found = {}
    for table in ("articles", "comments", "versions"):
        file = folder / f"{table}.jsonl"
        rig.json("export", table, "--out", str(file), runner="local")
        lines = map(json.loads, file.read_text("utf-8").splitlines())
        plain = [{key: value for key, value in line.items() if key not in MOMENTS} for line in lines]
        found[table] = sha256(json.dumps(plain).encode()).hexdigest()
    return found


@pytest.fixture
def rigs(site: WatchedSite, blog: WordPressServer, bucket: str, tmp_path: Path) -> Iterator[list[FleetRig]]:
    """One that works alone, with a folder, and the fleet with its bucket."""
    sources = SOURCE.format(name="blog", engine="wordpress", url=blog.url, zone="UTC", delay=0.0)
    with contextmanager(server_or_skip)() as server:
        found = []
        for name, archive in (("local", None), ("fleet", f"s3://{bucket}/archive")):
            (tmp_path / name).mkdir()
            found.append(FleetRig(site, tmp_path / name, server, pages=3, sources=sources, archive=archive))
        yield found


def writing(*machines: dict[str, str]) -> list[dict[str, str]]:
    """Those whose worker is in the middle of a slice of the site."""
    return [one for one in machines if list(Path(one["THRESHER_SPOOL"]).rglob("*rantburg*.open"))]


def test_a_worker_that_is_killed_costs_a_bucket_nothing(
    site: WatchedSite, rigs: list[FleetRig], bucket: str, s3: ObjectServer, tmp_path: Path
) -> None:
    local, fleet = rigs
    one, two = ({"THRESHER_SPOOL": str(tmp_path / name)} for name in ("one", "two"))
    for rig, runner in ((local, "local"), (fleet, "procrastinate")):
        rig.environment = two
        rig.json("backfill", "rantburg", *WINDOW, runner=runner)
        rig.json("backfill", "blog", *BLOG_WINDOW, runner=runner)
    undisturbed = exported(local, tmp_path / "local")
    before_it = len(site.pages_asked)

    machines = {}
    for spool in (one, two):
        fleet.environment = spool
        machines[spool["THRESHER_SPOOL"]] = fleet.worker("--concurrency", "1")
    until(lambda: len(site.pages_asked) - before_it > PAGES // 2 and len(writing(one, two)) == 1)
    (fleet.environment,) = writing(one, two)
    kill(machines[fleet.environment["THRESHER_SPOOL"]])
    machines[fleet.environment["THRESHER_SPOOL"]] = fleet.worker("--concurrency", "1")
    until(lambda: {row["state"] for row in rows.table(fleet.url, "orders")} == {"ended"}, within=200)
    for worker in machines.values():
        worker.terminate()
        worker.communicate(timeout=30)
        assert worker.returncode == 0
    # What the dead worker had not uploaded waits on its own machine's disk.
    left = 0
    for spool in (one, two):
        fleet.environment = spool
        left += sum(each["adopted"] for each in fleet.json("archive", "adopt", runner="local")["sources"])
    assert [path for spool in machines for path in Path(spool).rglob("*.warc.gz*")] == []

    assert exported(fleet, tmp_path / "fleet") == undisturbed
    assert {row["exit_code"] for row in rows.table(fleet.url, "orders")} == {0}
    assert fleet.json("archive", "verify", runner="local")["findings"] == []
    places = Counter((row["warc_file"], row["warc_offset"]) for row in rows.table(fleet.url, "captures"))
    assert set(places.values()) == {1}
    assert {place[0] for place in places} == {key.rpartition("/")[2] for key in s3.objects(bucket)}
    asked = len(site.pages_asked) - before_it
    print(f"{asked} requests for {PAGES} pages, {left} captures adopted: equal exports")
    assert asked <= PAGES + 1
