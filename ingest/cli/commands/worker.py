"""``thresher worker``: does what commands of any machine put into the queue."""

import asyncio
import logging

import click

from ingest.cli.session import Session, pass_session
from ingest.runner.fleet.door import open_fleet, worker_of

QUEUES = ("fetch", "parse")
LOUD = ("procrastinate", "psycopg.pool")


@click.command("worker")
@click.option(
    "--queue",
    "queues",
    type=click.Choice(QUEUES),
    multiple=True,
    help="What it does: fetch visits sites, parse re-parses; may be given again.  [default: both]",
)
@click.option(
    "--concurrency", type=click.IntRange(1, 256), default=4, show_default=True, help="Jobs at once."
)
@click.option("--until-idle", is_flag=True, help="End when nothing is waiting or worked on in its queues.")
@pass_session
def worker_command(session: Session, *, queues: tuple[str, ...], concurrency: int, until_idle: bool) -> None:
    """Do what the commands of all machines put into the queue, until SIGTERM; on any number of machines.

    It needs PostgreSQL and the extra "fleet". Commands queue their work where the settings say
    runner = "procrastinate".

    Example: thresher worker --queue fetch --concurrency 8
    """
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with session.store() as store, open_fleet(session.settings, store, session.clock) as fleet:
        chosen = tuple(dict.fromkeys(queues)) or QUEUES
        worker = worker_of(fleet, queues=chosen, concurrency=concurrency)
        session.say(f"a worker of {store.address}: {', '.join(chosen)}, {concurrency} jobs at once")
        asyncio.run(worker.run(until_idle=until_idle))
