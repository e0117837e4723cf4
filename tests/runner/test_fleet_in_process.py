"""A worker in the test's own process, on a real server: slices, files, and what dead workers left."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import ingest.pipeline.opening
from ingest.clock import SystemClock
from ingest.errors import Busy, StoreUnusable
from ingest.fetch.waits import Waits
from ingest.jobs.backfill import Backfill
from ingest.jobs.harvest import Harvest
from ingest.jobs.reparse import Reparse
from ingest.pipeline.stop import Stop
from ingest.records.chosen import SourceSettings
from ingest.runner.fleet import attempts, door, schema, slices
from ingest.runner.fleet.queue import Fleet, Queue
from ingest.runner.fleet.submitting import submit, submit_reparse
from ingest.runner.fleet.sweeping import sweep
from ingest.runner.fleet.wishes import of_backfill, of_harvest, reparse_of
from ingest.runner.fleet.worker import FleetWorker
from ingest.runner.local import Jobs
from ingest.runner.monitoring.metrics import Meters
from ingest.runner.scheduler.service import Watch
from ingest.runner.scheduler.source_scheduler import ActiveSchedules
from ingest.settings import Settings
from ingest.store import Store
from parsers.registry import source_named
from schedules.schedule import Every, Schedule
from schedules.slices import FleetSettings
from schedules.windows import Window
from tests.faults.site import before, past_days
from tests.kit import rows
from tests.kit.fleet import new_database
from tests.kit.workers import kept_worker
from tests.runner.post import HOUR
from tests.site.server import SiteServer

SOURCE = source_named("rantburg")


@pytest.fixture(scope="module")
def site() -> Iterator[SiteServer]:
    with SiteServer(past_days(1)) as site:
        yield site


@pytest.fixture
def database(server: str) -> str:
    return new_database(server)


@pytest.fixture
def fleet(
    site: SiteServer, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    monkeypatch.setattr(ingest.pipeline.opening, "Worker", kept_worker)
    settings = Settings(
        database=database,
        archive=tmp_path / "archive",
        contact="tests@localhost",
        runner="procrastinate",
        fleet=FleetSettings(pages=4, heartbeat=1.0, stalled_after=20.0),
        sources={"rantburg": SourceSettings(base_url=site.url, delay=0.0)},
    )
    with Store.open(database) as store, door.open_fleet(settings, store, SystemClock()) as fleet:
        yield fleet


def worker_of(fleet: Fleet) -> FleetWorker:
    return door.worker_of(fleet, queues=("fetch", "parse"), concurrency=2)


def work(fleet: Fleet) -> None:
    async def until_idle() -> None:
        await worker_of(fleet).run(until_idle=True)

    asyncio.run(until_idle())


def chosen(fleet: Fleet) -> SourceSettings:
    return fleet.settings.source("rantburg")


def fill(fleet: Fleet) -> Backfill:
    return Backfill(source=SOURCE, chosen=chosen(fleet), window=Window.of(before(1), before(1)))


def test_what_is_queued_is_done_in_slices_and_files(fleet: Fleet, site: SiteServer) -> None:
    orders = fleet.store.orders
    visit = submit(fleet, of_harvest(Harvest(source=SOURCE, days=(before(1),)), chosen(fleet)))
    rest = submit(fleet, of_backfill(fill(fleet)))
    assert submit(fleet, of_backfill(fill(fleet))) == rest
    work(fleet)
    assert [orders.get(one.order_id).exit_code for one in (visit, rest)] == [0, 0]
    assert rows.held(fleet.settings.database) == rows.told(*site.days.values())
    # The slice's pages are over with the day; what is left to do is seen by the next.
    assert [run.outcome for run in fleet.store.runs.newest()] == ["complete", "complete", "incomplete"]

    again = submit_reparse(fleet, Reparse(source=SOURCE, everything=True))
    with pytest.raises(Busy, match=f"order {again.order_id}"):
        submit_reparse(fleet, Reparse(source=SOURCE))
    assert submit_reparse(fleet, Reparse(source=SOURCE, everything=True)) == again
    work(fleet)
    parsed = orders.get(again.order_id)
    assert (parsed.exit_code, parsed.counts["looked"], parsed.counts["articles_unmodified"]) == (0, 5, 5)
    state = door.fleet_state(fleet.settings, fleet.store, fleet.clock)
    assert state is not None
    assert (state.stuck, state.open_orders, state.pages_per_hour) == ((), 0, 5)
    assert [queue.per_hour > 0 for queue in state.queues] == [True, True]

    two = frozenset(one.capture_id for one in fleet.store.captures.between("rantburg")[1:3])
    none = submit_reparse(fleet, Reparse(source=SOURCE, only=frozenset({999})))
    assert (none.state, none.exit_code) == ("ended", 0)
    of_two = submit_reparse(fleet, Reparse(source=SOURCE, only=two))
    (part,) = orders.parts(of_two.order_id)
    assert (reparse_of(part, SOURCE).only, part.lock) == (two, orders.parts(again.order_id)[0].lock)


def test_metrics_count_the_fleet(fleet: Fleet) -> None:
    watch = Watch(
        ActiveSchedules(settings=fleet.settings, schedules=()),
        load=lambda: pytest.fail("nothing is read again"),
        store=fleet.store,
        clock=fleet.clock,
    )
    lines = watch._metrics().body.decode().splitlines()
    assert 'thresher_fleet_jobs{queue="fetch",state="waiting"} 0.0' in lines
    order = submit(fleet, of_backfill(fill(fleet)))
    fleet.store.orders.wait(order.order_id, "another run holds rantburg")
    lines = watch._metrics().body.decode().splitlines()
    assert {
        'thresher_fleet_jobs{queue="fetch",state="waiting"} 1.0',
        'thresher_fleet_jobs{queue="parse",state="doing"} 0.0',
        'thresher_fleet_workers{state="alive"} 0.0',
        "thresher_fleet_open_orders 1.0",
        "thresher_fleet_stuck 2.0",  # it waits, and no worker is alive
    } <= set(lines)


def test_jobs_of_dead_workers_and_orders_without_a_job_are_taken_up(fleet: Fleet) -> None:
    jobs, tell = "procrastinate_jobs", fleet.queue.connector.execute_query
    submit(fleet, of_backfill(fill(fleet)))

    def left(**values: object) -> list[tuple[object, ...]]:
        """The jobs once a worker has looked after those that nobody works on."""
        changed = ", ".join(f"{name} = {value!r}" for name, value in values.items())
        if values:
            tell(f"UPDATE {jobs} SET {changed} WHERE status = 'todo'")

        async def swept() -> None:
            worker = worker_of(fleet)
            async with worker.app.open_async():
                await sweep(worker.app, fleet)

        asyncio.run(swept())
        found = fleet.queue.connector.execute_query_all(f"SELECT status, attempts FROM {jobs} ORDER BY id")
        return [tuple(row.values()) for row in found]

    assert left(status="doing") == [("todo", 1)]
    # The third death is the last of this job; its order gets a new one.
    assert left(status="doing", attempts=2) == [("failed", 3), ("todo", 0)]
    tell(f"DELETE FROM {jobs}")
    assert left() == [("todo", 0)]
    # The next slice waits already: the library may not queue the dead one beside it.
    tell(f"UPDATE {jobs} SET status = 'doing'")
    (order,) = fleet.store.orders.open()
    assert fleet.queue.put(order)
    assert left() == [("failed", 1), ("todo", 0)]


def test_an_order_that_cannot_be_worked_on_says_why(
    fleet: Fleet, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "AGAIN_AFTER", 0.0)
    busy = submit(fleet, of_harvest(Harvest(source=SOURCE), chosen(fleet)))
    unknown = submit(fleet, replace(of_harvest(Harvest(source=SOURCE), chosen(fleet)), source="nobody"))
    with Store.open(database) as other, other.lock("rantburg"):
        slices.Slice(fleet, busy.lock).work()
    waiting = fleet.store.orders.get(busy.order_id)
    assert (waiting.state, waiting.tries) == ("open", 0)
    assert "another run holds rantburg" in str(waiting.error)
    refused = fleet.store.orders.get(unknown.order_id)
    assert (refused.state, refused.exit_code) == ("ended", 2)

    def fail(*_: object, **__: object) -> None:
        raise StoreUnusable("the archive is full")

    monkeypatch.setattr(slices, "harvest", fail)
    for _ in range(attempts.ERRORS):
        slices.Slice(fleet, busy.lock).work()
    failed = fleet.store.orders.get(busy.order_id)
    assert (failed.state, failed.exit_code) == ("ended", 3)
    assert failed.error == "given up after 3 tries: the archive is full"


@pytest.mark.long
def test_a_schedule_waits_for_what_the_workers_do(fleet: Fleet) -> None:
    daily = Schedule(
        id="daily", source="rantburg", kind="backfill", when=Every(interval=HOUR), since=before(1)
    )
    jobs = Jobs(
        source=SOURCE,
        settings=fleet.settings,
        store=fleet.store,
        clock=fleet.clock,
        meters=Meters(),
        waits=Waits(fleet.clock),
    )
    daily = replace(daily, until=before(1))

    async def both() -> object:
        ended, _ = await asyncio.gather(jobs.backfill(daily, Stop()), worker_of(fleet).run(until_idle=True))
        return ended

    assert asyncio.run(both()).state == "done"  # type: ignore[attr-defined]
    stop = Stop()
    stop.asked = True
    assert asyncio.run(jobs.harvest(replace(daily, kind="harvest", since=None, until=None), stop)) is None
    assert [one.command for one in fleet.store.orders.open()] == ["harvest"]


def test_the_librarys_tables_are_brought_to_its_release(server: str) -> None:
    url = new_database(server)
    known = schema.migrations()
    old = [path for path in known if path.stem < "03.03"]
    with Store.open(url) as store, Queue.opened(url, make=False) as queue:
        assert door.fleet_state(Settings(database=url, archive=Path()), store, SystemClock()) is None
        script = "\n".join(path.read_text("utf-8") for path in old).replace("%", "%%")
        queue.connector.execute_query(
            f"CREATE SCHEMA procrastinate; SET search_path TO procrastinate; {script}"
        )
        queue.connector.execute_query(f"COMMENT ON SCHEMA procrastinate IS '{old[-1].stem}'")
        for _ in range(2):
            schema.prepare(queue.connector)
        assert queue.keys() == frozenset()
        assert store.revision() is not None
        queue.connector.execute_query("COMMENT ON SCHEMA procrastinate IS '99.00.00_01'")
        with pytest.raises(StoreUnusable, match=r"99\.00\.00_01"), Queue.opened(url):
            pass
