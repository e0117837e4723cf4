"""A migration that is killed at any of its steps: the old schema or the new, and every row kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from alembic import command

from ingest.store import Store
from ingest.store.database import migrate, upgrading
from ingest.store.database.engine import open_engine, read_url
from tests.faults.held import integrity
from tests.faults.machine import Killed, Machine
from tests.faults.site import before, past_days
from tests.faults.sizes import sizes
from tests.kit import rows
from tests.kit.rig import Rig
from tests.site.server import SiteServer

OLD = "0003"


@pytest.fixture
def old(ram_path: Path) -> Iterator[Rig]:
    """A database of long ago with everything in it."""
    with SiteServer(past_days(1)) as site:
        rig = Rig(site, ram_path / "old")
        rig.backfill(before(1), before(1))
        engine = open_engine(read_url(rig.url))
        with upgrading._migration(engine) as connection:
            command.downgrade(upgrading._config(connection, migrate.MIGRATIONS), OLD)
        engine.dispose()
        yield rig


def revision(rig: Rig) -> str | None:
    engine = open_engine(read_url(rig.url))
    found = migrate.revision(engine)
    engine.dispose()
    return found


@pytest.mark.long
@sizes("every", quick=17, full=1, at_once=True)
def test_killed_at_every_step(
    every: int, old: Rig, ram_path: Path, figure: Callable[[str, str], None]
) -> None:
    held = old.held
    whole = copied(old, ram_path / "whole")
    with Machine().at_work() as machine:
        Store.open(whole.url).close()
    steps, wrong = len(machine.steps), []
    for step in range(0, steps, every):
        rig = copied(old, ram_path / f"step-{step}")
        # A machine that is off ends whatever way: what it leaves counts.
        with pytest.raises((Killed, Exception)), Machine({step: "kill"}).at_work():
            Store.open(rig.url)
        if integrity(rig) != "ok" or revision(rig) not in {OLD, migrate.newest()}:
            wrong.append(step)
        Store.open(rig.url).close()
        if (
            rig.held != held
            or revision(rig) != migrate.newest()
            or rows.digest(rig.url) != rows.digest(whole.url)
        ):
            wrong.append(step)
    figure(
        "T77",
        f"killed at {len(range(0, steps, every))} of {steps} steps from {OLD} to {migrate.newest()}: "
        f"{len(wrong)} went wrong",
    )
    assert wrong == []


def copied(rig: Rig, folder: Path) -> Rig:
    copytree(Path(rig.url).parent, folder)
    return Rig(rig.site, folder)
