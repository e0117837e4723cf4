"""What the fleet decides without a database, and what it refuses."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.main import thresher
from ingest.clock import SystemClock
from ingest.errors import ConfigurationError
from ingest.jobs.backfill import Backfill
from ingest.jobs.harvest import Harvest
from ingest.jobs.reparse import Reparse
from ingest.records.chosen import SourceSettings
from ingest.records.fleet import FleetState, QueueCounts, WorkerSeen, stuck
from ingest.records.orders import NewOrder, Order
from ingest.runner.fleet import door
from ingest.runner.fleet.groups import groups_of
from ingest.runner.fleet.wishes import (
    added,
    backfill_of,
    chosen_of,
    harvest_of,
    host_of,
    of_backfill,
    of_harvest,
    of_reparse,
    reparse_of,
)
from ingest.settings import Settings, load_settings
from ingest.store import Store
from ingest.store.captures.files import FileDays
from parsers.registry import source_named
from schedules.windows import Window

SOURCE = source_named("rantburg")
DAY = date(2018, 4, 14)
NOON = datetime(2018, 4, 14, 12, tzinfo=UTC)
CHOSEN = SourceSettings(base_url="http://mirror.example:8080/", delay=0.5)


def order(wanted: NewOrder, **more: object) -> Order:
    values: dict[str, object] = {
        "order_id": 7,
        "parent_id": None,
        "state": "open",
        "tries": 1,
        "created_at": NOON,
        "begun_at": None,
        "ended_at": None,
        "run_id": None,
        "counts": {},
        "cursor": None,
        "exit_code": None,
        "error": None,
    }
    wish = {name: getattr(wanted, name) for name in ("queue", "lock", "command", "source", "options")}
    return Order(**{**wish, **values, **more})  # type: ignore[arg-type]


def file(name: str, *days: int | None, hours: tuple[float, float]) -> FileDays:
    first, last = (NOON + timedelta(hours=one) for one in hours)
    of = frozenset(None if ago is None else DAY - timedelta(days=ago) for ago in days)
    return FileDays(file=name, days=of, first=first, last=last)


def test_a_wish_comes_back_as_it_was() -> None:
    visit = Harvest(source=SOURCE, days=(DAY,), full=True)
    queued = order(of_harvest(visit, CHOSEN), cursor="2018-04-13")
    assert harvest_of(queued, SOURCE) == Harvest(
        source=SOURCE, days=(DAY,), full=True, before=date(2018, 4, 13)
    )
    assert (queued.lock, queued.queue) == ("mirror.example", "fetch")
    settings = Settings(database="postgresql://db/", archive=Path("kept"))
    assert chosen_of(queued, settings) == CHOSEN
    fill = Backfill(source=SOURCE, chosen=CHOSEN, window=Window.of(DAY, DAY), newest_first=False)
    assert backfill_of(order(of_backfill(fill)), SOURCE, CHOSEN) == fill
    again = Reparse(source=SOURCE, since=DAY, everything=True, revision=3)
    parsed = reparse_of(order(of_reparse(again, ("a", "b"), "reparse")), SOURCE)
    assert (parsed.since, parsed.until, parsed.everything, parsed.revision) == (DAY, None, True, 3)
    assert parsed.files == {"a", "b"}
    assert host_of(SOURCE, SourceSettings()) in SOURCE.hosts


def test_counts_of_slices_are_added_but_those_of_the_window() -> None:
    assert added({"requests": 2, "days_done": 1}, {"requests": 3, "days_done": 4}) == {
        "requests": 5,
        "days_done": 4,
    }


def test_files_that_share_a_day_come_one_after_the_other() -> None:
    files = [
        file("c", 2, 3, hours=(4, 5)),
        file("a", 1, hours=(0, 1)),
        file("b", 3, hours=(2, 3)),
        file("d", 9, hours=(0, 9)),
    ]
    groups = {group.name: group.jobs for group in groups_of(files, by_day=True)}
    assert groups == {"a": (("a",),), "b": (("b",), ("c",)), "d": (("d",),)}


def test_files_whose_captures_alternate_are_one_job() -> None:
    files = [file("a", 1, hours=(0, 3)), file("b", 1, hours=(2, 5)), file("c", 1, hours=(6, 7))]
    (group,) = groups_of(files, by_day=True)
    assert group.jobs == (("a", "b"), ("c",))


def test_a_file_that_joins_two_groups_makes_them_one() -> None:
    files = [file("a", 1, hours=(0, 1)), file("b", 2, hours=(2, 3)), file("c", 1, 2, hours=(4, 5))]
    (group,) = groups_of(files, by_day=True)
    assert group.jobs == (("a",), ("b",), ("c",))


def test_without_days_all_files_are_one_group() -> None:
    files = [file("a", 1, hours=(0, 1)), file("b", 2, hours=(2, 3))]
    (group,) = groups_of(files, by_day=False)
    assert group.jobs == (("a",), ("b",))
    assert groups_of([], by_day=False) == ()


def test_what_was_never_parsed_may_be_of_any_day() -> None:
    files = [file("a", None, hours=(0, 1)), file("b", None, 4, hours=(2, 3)), file("c", 5, hours=(4, 5))]
    assert [group.name for group in groups_of(files, by_day=True)] == ["a", "c"]


def test_what_is_stuck_says_why() -> None:
    dead = WorkerSeen(worker_id=3, silent=90.0, doing=("site.example",))
    fetch = QueueCounts(name="fetch", waiting=2)
    queued = order(of_harvest(Harvest(source=SOURCE), CHOSEN))
    waits = order(queued, error="robots.txt forbids it", tries=2)
    failed = order(queued, order_id=8, exit_code=3)
    sentences = list(stuck([dead], [fetch], [waits, queued], [failed], stalled_after=45))
    assert sentences == [
        "site.example: worker 3 is silent for 90 s; another will take over",
        "2 jobs wait in fetch, and no worker is alive: start thresher worker",
        "order 7, harvest rantburg, waits, after 2 tries: robots.txt forbids it",
        "order 8, harvest rantburg, ended with exit code 3: see thresher runs",
    ]
    alive = WorkerSeen(worker_id=4, silent=1.0, doing=())
    assert list(stuck([alive], [fetch], [queued], [], stalled_after=45)) == []
    state = FleetState(
        workers=(dead, alive),
        stalled_after=45,
        queues=(fetch,),
        open_orders=1,
        pages_per_hour=9,
        stuck=tuple(sentences),
    )
    assert state.alive == 1
    assert [worker["alive"] for worker in state.as_json()["workers"]] == [False, True]  # type: ignore[index,attr-defined]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ('runner = "celery"', "runner"),
        ("[fleet]\npages = 0", "pages"),
        ("[fleet]\nminute = 3", "minute"),
        ("[fleet]\nheartbeat = inf", "heartbeat"),
    ],
)
def test_settings_that_cannot_be_are_refused(words: str, key: str, tmp_path: Path) -> None:
    config = tmp_path / "thresher.toml"
    config.write_text(words)
    with pytest.raises(ConfigurationError, match=key):
        load_settings(database=None, archive=None, config=config)


def test_settings_of_a_fleet(tmp_path: Path) -> None:
    config = tmp_path / "thresher.toml"
    config.write_text('runner = "procrastinate"\n[fleet]\npages = 50\nminutes = 2\n')
    settings = load_settings(database=None, archive=None, config=config)
    assert door.is_queued(settings)
    assert (settings.fleet.pages, settings.fleet.minutes, settings.fleet.stalled_after) == (50, 2, 45)
    assert not door.is_queued(Settings(database="x", archive=tmp_path))
    assert Settings(database="x", archive=tmp_path).fleet.pages == 200


@pytest.mark.parametrize("words", [("harvest", "rantburg", "--strict"), ("reparse", "--workers", "2")])
def test_options_without_an_effect_on_the_queue_are_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    given = ["--database", str(tmp_path / "held.sqlite3"), "--archive", str(tmp_path), *words]
    refused = CliRunner().invoke(thresher, given, env={"THRESHER_RUNNER": "procrastinate"})
    assert refused.exit_code == 2
    assert 'runner = "local"' in refused.output


def test_sqlite_and_a_missing_extra_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(database=str(tmp_path / "held.sqlite3"), archive=tmp_path)
    with Store.open(settings.database) as store:
        with (
            pytest.raises(ConfigurationError, match="PostgreSQL"),
            door.open_fleet(settings, store, SystemClock()),
        ):
            pass
        assert door.fleet_state(settings, store, SystemClock()) is None
        monkeypatch.setattr(door, "require_postgresql", lambda _: "postgresql://")
        monkeypatch.setattr(door, "find_spec", lambda _: None)
        with (
            pytest.raises(ConfigurationError, match=r"thresher\[fleet\]"),
            door.open_fleet(settings, store, SystemClock()),
        ):
            pass
