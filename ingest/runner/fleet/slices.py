"""A fetch job: a host is ours for a slice of what is to be done there, so many pages or minutes.

    open orders of the host, harvests first --harvest, backfill--> pages --> order entered, or ended
    slice used up, or an order that waits --> the next job of the host

The queue's lock keeps the host to one job at a time; its turns in the database keep its pace, whoever asks.
"""

import logging
import threading
from collections.abc import Coroutine
from datetime import date
from typing import Any

from ingest.errors import Busy, CouldNotRun
from ingest.jobs.backfill import Backfill, backfill
from ingest.jobs.harvest import harvest
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Workspace
from ingest.records.backfill_report import BackfillReport
from ingest.records.orders import Order
from ingest.records.outcome import Outcome, Report
from ingest.runner.fleet.attempts import AGAIN_AFTER, attempt
from ingest.runner.fleet.queue import Fleet
from ingest.runner.fleet.wishes import RANK, added, backfill_of, chosen_of, harvest_of
from ingest.runner.stoppable import Stoppable
from parsers.registry import source_named

log = logging.getLogger(__name__)


class Slice:
    """A slice of one host, in the thread that calls ``work``; any other may call ``stop``."""

    def __init__(self, fleet: Fleet, host: str) -> None:
        self._fleet = fleet
        self._orders = fleet.store.orders
        self._host = host
        self._until = fleet.clock.monotonic() + 60 * fleet.settings.fleet.minutes
        self._left = fleet.settings.fleet.pages
        self._put_off: set[int] = set()
        self._work = Stoppable()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Finish the page in hand, and leave the rest to the next slice; called again, break the page off."""
        self._stopping.set()
        self._work.ask()

    def work(self) -> None:
        """Work until the slice is used up or nothing is left that can be done now; queue what is left."""
        try:
            while not self.is_over and (order := self._next()) is not None:
                self._try(order)
        finally:
            self._queue_rest()

    def get_on(self, order: Order, cursor: str | None = None) -> None:
        """What is done of an order stays done."""
        self._orders.get_on(order.order_id, cursor)

    def count(self) -> None:
        """One more page."""
        self._left -= 1

    def _next(self) -> Order | None:
        ready = [one for one in self._orders.open(lock=self._host) if one.order_id not in self._put_off]
        ready = [one for one in ready if one.command in RANK]
        return min(ready, key=lambda one: (RANK[one.command], one.order_id), default=None)

    def _queue_rest(self) -> None:
        rest = [one for one in self._orders.open(lock=self._host) if one.command in RANK]
        if rest:
            # If all wait, a job at once would find the same.
            waits = all(one.order_id in self._put_off for one in rest)
            self._fleet.queue.put(rest[0], after=AGAIN_AFTER if waits else 0.0)

    @property
    def is_over(self) -> bool:
        """Whether the host is to be left to the next slice."""
        return self._stopping.is_set() or self._left <= 0 or self._fleet.clock.monotonic() >= self._until

    def _try(self, order: Order) -> None:
        attempt(self._fleet, order, self._work_on, wait=self._wait, end=self._end)

    def _work_on(self, order: Order) -> None:
        try:
            report = self._work.run(lambda stop: self._visit(order, stop), is_asked=self._stopping.is_set)
        except Busy as error:
            # Somebody is at work on the source by hand: that is no failure, however long it takes.
            self.get_on(order)
            self._wait(order, error)
        else:
            self._enter(order, report)

    def _visit(self, order: Order, stop: Stop) -> Coroutine[Any, Any, Report]:
        fleet, source = self._fleet, source_named(order.source)
        chosen = chosen_of(order, fleet.settings)
        workspace = Workspace(settings=fleet.settings, store=fleet.store, clock=fleet.clock, stop=stop)
        passing = _Passing(self, order, stop, is_cut=chosen.budget.pages_per_visit is None)
        if order.command == "harvest":
            return harvest(
                harvest_of(order, source),
                workspace,
                chosen=chosen,
                progress=passing.page,
                on_day=passing.end_day,
            )
        return _filled(backfill_of(order, source, chosen), workspace, passing)

    def _enter(self, order: Order, report: Report) -> None:
        # A backfill's last slice says how the whole window is; a harvest is as good as its worst slice.
        worst = max(report.exit_code, order.exit_code or 0)
        code = report.exit_code if order.command == "backfill" else worst
        self._orders.enter(
            order.order_id,
            run_id=report.run_id,
            counts=added(order.counts, report.counts()),
            exit_code=code,
        )
        if not report.stopped:
            self._end(order, code, None)

    def _wait(self, order: Order, error: Exception) -> None:
        log.warning("order %d, %s of %s, waits: %s", order.order_id, order.command, order.source, error)
        self._put_off.add(order.order_id)
        self._orders.wait(order.order_id, str(error) or type(error).__name__)

    def _end(self, order: Order, exit_code: int, error: str | None) -> None:
        log.info("order %d, %s of %s: exit code %d", order.order_id, order.command, order.source, exit_code)
        self._orders.end(order.order_id, exit_code=exit_code, error=error, now=self._fleet.clock.now())


class _Passing:
    """Sees the pages of one order pass, and cuts the slice between two days: a day is never begun in vain.

    With ``is_cut`` False it does not: the budget of a visit is one run's, and must not begin anew each slice.
    """

    def __init__(self, host: Slice, order: Order, stop: Stop, *, is_cut: bool) -> None:
        self._host = host
        self._order = order
        self._stop = stop
        self._is_cut = is_cut
        self._day: date | None = None

    def page(self, outcome: Outcome) -> None:
        """Count a page; of a backfill, which has no other sign of it, the first of another day ends one."""
        self._host.count()
        if self._day is None:
            self._host.get_on(self._order)
        elif outcome.day != self._day and self._order.command == "backfill":
            self._cut()
        self._day = outcome.day

    def end_day(self, day: date) -> None:
        """A harvest has visited the day."""
        self._host.get_on(self._order, day.isoformat())
        self._cut()

    def _cut(self) -> None:
        # Between two days: a day that is begun is read to its end.
        if self._is_cut and self._host.is_over:
            self._stop.asked = True


async def _filled(wanted: Backfill, workspace: Workspace, passing: _Passing) -> BackfillReport:
    (report,) = await backfill(
        [wanted],
        workspace,
        progress=lambda _source, _done, _total: None,
        on_outcome=passing.page,
    )
    if isinstance(report, CouldNotRun):
        raise report
    return report
