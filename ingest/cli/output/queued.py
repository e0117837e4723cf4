"""What a command put into the queue, and how it ended if the command waits for it."""

import asyncio
from collections.abc import Callable, Sequence

import click
from rich.text import Text

from ingest.cli.session import Session
from ingest.clock import asking
from ingest.jobs.reparse import Reparse
from ingest.pipeline.stop import Stop
from ingest.records.orders import NewOrder, Order
from ingest.runner.fleet.door import open_fleet, submitting
from ingest.runner.fleet.waiting import wait_for

WAIT = click.option("--wait", is_flag=True, help='With runner = "procrastinate": stay until it is done.')


def queue_orders(session: Session, wanted: Sequence[NewOrder], *, wait: bool) -> int:
    """Put harvests or backfills into the queue; return 0, or with ``wait`` the exit code of the work."""
    return _queue(session, lambda fleet: [submitting().submit(fleet, one) for one in wanted], wait=wait)


def queue_reparses(session: Session, wanted: Sequence[Reparse], *, wait: bool) -> int:
    """The same of re-parses."""
    return _queue(
        session, lambda fleet: [submitting().submit_reparse(fleet, one) for one in wanted], wait=wait
    )


def _queue(session: Session, put: Callable[..., Sequence[Order]], *, wait: bool) -> int:
    with session.store() as store, open_fleet(session.settings, store, session.clock) as fleet:
        orders = put(fleet)
        if not wait:
            for order in orders:
                _print(session, order)
            return 0
        stop = Stop()

        async def ended() -> list[Order]:
            with asking(stop.ask):
                return await wait_for(orders, store, session.clock, is_asked=lambda: stop.asked)

        for order in orders:
            session.say(f"order {order.order_id}: {order.command} {order.source} is in the queue")
        done = asyncio.run(ended())
        for order in done:
            _print(session, order)
        if stop.asked:
            session.say("nobody waits any longer; the workers go on")
        # What was left in the queue has no exit code yet.
        return max((order.exit_code or 0 for order in done if order.state == "ended"), default=0)


def order_json(order: Order) -> dict[str, object]:
    """The keys of an order in ``--json``."""
    return {
        "command": order.command,
        "source": order.source,
        "order": order.order_id,
        "queue": order.queue,
        "state": order.state,
        "exit_code": order.exit_code,
        "run": order.run_id,
        "counts": dict(order.counts),
        "error": order.error,
    }


def _print(session: Session, order: Order) -> None:
    if session.as_json:
        session.print_json(order_json(order))
        return
    words = f"order {order.order_id}: {order.command} {order.source} "
    if order.state == "open":
        session.out.print(Text(f"{words}is in the queue {order.queue}; thresher status shows the fleet"))
        return
    counts = "  ".join(f"{name} {number}" for name, number in order.counts.items() if number)
    session.out.print(Text(f"{words}ended with exit code {order.exit_code}  {counts}".rstrip()))
    if order.error is not None:
        session.say(f"order {order.order_id}: {order.error}")
