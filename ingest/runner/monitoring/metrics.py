"""What the scheduler has done since its start, as Prometheus reads it. No label is ever a page's word."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.records.counts import Counts
from ingest.records.fleet import FleetState
from ingest.records.outcome import Outcome, as_dict

TYPE = "text/plain; version=0.0.4; charset=utf-8"

FailureKind = Literal["bug", "forbidden", "refused", "fetch", "parse", "busy", "run"]
"""Of a page: a bug in thresher, robots.txt forbids it, the host refuses, it could not be fetched,
it could not be parsed; of a run: another process had the source, it failed."""

# Else each number would come with a second one, the time at which it was first counted.
disable_created_metrics()  # type: ignore[no-untyped-call]

CHANGES = ("new", "modified", "vanished", "returned")

Ages = Callable[[], Mapping[tuple[str, str], float]]
"""Seconds since the last success, by source and schedule."""
FleetNow = Callable[[], FleetState | None]
"""The fleet at this moment; None where there is none."""


class Meters:
    """The numbers. They may be counted up from any thread."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._pages = self._counter("pages", "Pages asked for, by their outcome.", "outcome")
        self._bytes = self._counter("received_bytes", "Bytes received from the sites.")
        self._changes = self._counter("changes", "Articles and comments that differed.", "what", "change")
        self._failures = self._counter("failures", "Pages and runs that failed.", "kind")
        self._runs = self._counter("schedule_runs", "Runs of schedules, by how they ended.", "state")
        self._short = self._gauge("short_days", "Days that hold fewer or more rows than the site counts.")
        self._running = self._gauge("running_jobs", "Runs of schedules under way.", "kind")

    def tell_ages(self, ages: Ages) -> None:
        """Ask for the ages of the last successes whenever the numbers are asked for."""
        self._registry.register(_Ages(ages))

    def tell_fleet(self, fleet: FleetNow) -> None:
        """Ask for the state of the fleet whenever the numbers are asked for."""
        self._registry.register(_Fleet(fleet))

    def page(self, source: str, outcome: Outcome) -> None:
        """Count one page."""
        self._pages.labels(source, outcome.state).inc()
        if outcome.state == "failed":
            self.failure(source, failure_kind(outcome))
        self._count(source, "article", outcome.articles)
        self._count(source, "comment", outcome.comments)

    def received(self, source: str, number: int) -> None:
        """Count the bytes of a run."""
        self._bytes.labels(source).inc(number)

    def failure(self, source: str, kind: FailureKind) -> None:
        """Count one failure."""
        self._failures.labels(source, kind).inc()

    def times(self, source: str, state: str, number: int = 1) -> None:
        """Count times of a schedule that ended, or were missed."""
        self._runs.labels(source, state).inc(number)

    def short_days(self, source: str, number: int) -> None:
        """How many days are short now."""
        self._short.labels(source).set(number)

    @contextmanager
    def running(self, source: str, kind: str) -> Iterator[None]:
        """A run is under way as long as the context."""
        with self._running.labels(source, kind).track_inprogress():
            yield

    def text(self) -> bytes:
        """All of them, in Prometheus's format ``TYPE``."""
        return generate_latest(self._registry)

    def _count(self, source: str, what: str, counts: Counts) -> None:
        for change, number in as_dict(counts).items():
            if change in CHANGES and number:
                self._changes.labels(source, what, change).inc(number)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"thresher_{name}", words, ("source", *labels), registry=self._registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"thresher_{name}", words, ("source", *labels), registry=self._registry)


class _Ages(Collector):
    def __init__(self, ages: Ages) -> None:
        self._ages = ages

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        words = "Seconds since a schedule's last run that succeeded."
        family = GaugeMetricFamily("thresher_last_success_age_seconds", words, labels=("source", "schedule"))
        for labels, seconds in self._ages().items():
            family.add_metric(labels, seconds)
        yield family


class _Fleet(Collector):
    def __init__(self, fleet: FleetNow) -> None:
        self._fleet = fleet

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        fleet = self._fleet()
        if fleet is None:
            return
        jobs = GaugeMetricFamily(
            "thresher_fleet_jobs", "Jobs of the fleet's queues, by their state.", labels=("queue", "state")
        )
        for queue in fleet.queues:
            for state in ("waiting", "later", "doing", "failed"):
                jobs.add_metric((queue.name, state), getattr(queue, state))
        workers = GaugeMetricFamily(
            "thresher_fleet_workers", "Workers that are alive, or silent.", labels=("state",)
        )
        workers.add_metric(("alive",), fleet.alive)
        workers.add_metric(("silent",), len(fleet.workers) - fleet.alive)
        yield from (jobs, workers)
        orders = "Orders of commands and schedules that are not ended."
        yield GaugeMetricFamily("thresher_fleet_open_orders", orders, value=fleet.open_orders)
        stuck = "What of the fleet does not get on; thresher status says why."
        yield GaugeMetricFamily("thresher_fleet_stuck", stuck, value=len(fleet.stuck))


def failure_kind(outcome: Outcome) -> FailureKind:
    """What kind of failure a page's is."""
    if outcome.bug:
        return "bug"
    if outcome.forbidden:
        return "forbidden"
    if outcome.refused:
        return "refused"
    return "parse" if outcome.kept else "fetch"
