"""A parse job: the archive files of one order through today's parsers; the last one ends the whole.

A page that takes its process down does so to a limited one: it goes to quarantine, and the job goes on.
"""

import logging
import os
import threading
from collections.abc import Sequence
from functools import reduce

from ingest.errors import CouldNotRun
from ingest.jobs.reparse import ReparseReport, reparse
from ingest.pipeline.workspace import Workspace
from ingest.records.orders import Order
from ingest.runner.fleet.attempts import AGAIN_AFTER, COULD_NOT_RUN, attempt
from ingest.runner.fleet.queue import Fleet
from ingest.runner.fleet.wishes import added, reparse_of
from parsers.registry import source_named

log = logging.getLogger(__name__)


class _Stopped(CouldNotRun):
    """The worker is to end: what was not reached is still behind, and the next job reads it."""


class Parsing:
    """The files of one order, in the thread that calls ``work``; any other may call ``stop``."""

    def __init__(self, fleet: Fleet, order_id: int) -> None:
        self._fleet = fleet
        self._orders = fleet.store.orders
        self._order_id = order_id
        self._stopping = threading.Event()
        self._is_first = True

    def stop(self) -> None:
        """End after the pages in hand."""
        self._stopping.set()

    def work(self) -> None:
        """Parse the files and enter the result; an order that is ended, or given up, is left alone."""
        order = self._orders.get(self._order_id)
        if order.state != "open":
            return
        attempt(self._fleet, order, self._work_on, wait=self._wait, end=self._end)

    def _work_on(self, order: Order) -> None:
        try:
            report = self._parsed(order)
        except _Stopped:
            self._fleet.queue.put(order)
            return
        code, counts = report.exit_code, added(order.counts, report.counts())
        self._orders.enter(order.order_id, run_id=report.run_id, counts=counts, exit_code=code)
        self._end(order, code, None)

    def _parsed(self, order: Order) -> ReparseReport:
        fleet = self._fleet
        workspace = Workspace(settings=fleet.settings, store=fleet.store, clock=fleet.clock)

        def progress(_done: int, _total: int) -> None:
            if self._is_first:
                self._orders.get_on(order.order_id)
            self._is_first = False
            if self._stopping.is_set():
                raise _Stopped("the worker is to end")

        wanted = reparse_of(order, source_named(order.source))
        return reparse(wanted, workspace, workers=os.cpu_count() or 1, progress=progress)

    def _wait(self, order: Order, error: Exception) -> None:
        log.warning("order %d, %s, waits: %s", order.order_id, order.source, error)
        self._orders.wait(order.order_id, str(error) or type(error).__name__)
        self._fleet.queue.put(order, after=AGAIN_AFTER)

    def _end(self, order: Order, exit_code: int, error: str | None) -> None:
        if exit_code == COULD_NOT_RUN and error is not None:
            error = f"{order.options['files']}: {error}"
        self._orders.end(order.order_id, exit_code=exit_code, error=error, now=self._fleet.clock.now())
        if order.parent_id is not None:
            settle(self._fleet, order.parent_id)


def settle(fleet: Fleet, order_id: int) -> None:
    """End an order whose parts are all ended: with their counts, and with the worst of their exit codes."""
    order, parts = fleet.store.orders.get(order_id), fleet.store.orders.parts(order_id)
    if order.state == "open" and all(part.state != "open" for part in parts):
        _end_with(fleet, order_id, parts)


def _end_with(fleet: Fleet, order_id: int, parts: Sequence[Order]) -> None:
    orders = fleet.store.orders
    runs = [part.run_id for part in parts if part.run_id is not None]
    errors = [part.error for part in parts if part.error is not None]
    code = max((0, *(part.exit_code for part in parts if part.exit_code is not None)))
    if runs:
        counts = reduce(added, (part.counts for part in parts))
        orders.enter(order_id, run_id=max(runs), counts=counts, exit_code=code)
    orders.end(order_id, exit_code=code, error=next(iter(errors), None), now=fleet.clock.now())
