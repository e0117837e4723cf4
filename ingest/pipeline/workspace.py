"""What a run works with: the settings, the database, the time, and a fetcher of a source's pages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ingest.clock import Clock
from ingest.decide.drift.fill_rates import Census
from ingest.fetch import Fetcher, KeptRobots, Limits, Scope, Turns
from ingest.fetch.allowance import Allowance
from ingest.fetch.politeness import effective_delay
from ingest.fetch.waits import Waits
from ingest.pipeline.parse.worker import PageParser, Worker
from ingest.pipeline.stop import Stop
from ingest.records.chosen import SourceSettings
from ingest.records.outcome import RunReport
from ingest.settings import DEFAULT_DELAY, Settings
from ingest.store import Store
from parsers.source import Source

PARSERS = 2 * (os.cpu_count() or 1)
"""A page that takes all the time it may have must not keep the others waiting."""


class Workspace:
    """What every run is started with; several runs at once may share it.

    ``parser`` parses for all of them; without one each begins a process of its own.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        clock: Clock,
        limits: Limits | None = None,
        stop: Stop | None = None,
        waits: Waits | None = None,
        parser: PageParser | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.limits = limits or Limits()
        self.stop = stop or Stop()
        self.waits = waits or Waits(clock)
        self.parser = parser

    @contextmanager
    def parsing_together(self) -> Iterator[None]:
        """Within it, all runs share as many processes as can be busy at once."""
        if self.parser is not None:
            yield
            return
        with Worker(number=PARSERS) as self.parser:
            yield
        self.parser = None


@dataclass(slots=True, kw_only=True)
class Run:
    """A run of one source that has begun. ``began`` is its start on the monotonic clock.

    ``report`` is None until the job has ended.
    """

    run_id: int
    source: Source
    workspace: Workspace
    began: float
    census: Census = field(default_factory=Census)
    report: RunReport | None = None
    budget_reached: str | None = None
    """Which limit of the source's budget ended it."""

    @property
    def is_over(self) -> bool:
        """Whether it is to ask for nothing more."""
        return self.workspace.stop.asked or self.budget_reached is not None

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self.workspace.clock.monotonic() - self.began


def fetcher_for(
    source: Source,
    chosen: SourceSettings,
    settings: Settings,
    clock: Clock,
    limits: Limits,
    *,
    turns: Turns | None = None,
    waits: Waits | None = None,
    allowance: Allowance | None = None,
    robots: KeptRobots | None = None,
) -> Fetcher:
    """A fetcher that may ask for the source's pages, or for those at the address the operator named."""
    # The scope refuses what is no address before it is taken apart.
    scope = check_scope(source, chosen)
    return Fetcher(
        # A base URL of the operator's replaces the site: none of its hosts may be asked then.
        scope=scope if _is_own(source, chosen) else replace(scope, hosts=()),
        clock=clock,
        limits=limits,
        user_agent=settings.user_agent,
        delay=delay_of(source, chosen),
        turns=turns,
        waits=waits,
        allowance=allowance,
        robots=robots,
    )


def check_scope(source: Source, chosen: SourceSettings) -> Scope:
    """The addresses that may be asked for; raises ConfigurationError if the base URL is no address."""
    return Scope(hosts=source.hosts, base_url=chosen.base_url)


def delay_of(source: Source, chosen: SourceSettings) -> float:
    """Seconds between two requests, unless robots.txt asks for more."""
    delay = chosen.delay if chosen.delay is not None else DEFAULT_DELAY
    # A mirror on the operator's own machine is not the site that the pack's delay is owed to.
    return effective_delay(delay, source.delay if _is_own(source, chosen) else 0.0)


def _is_own(source: Source, chosen: SourceSettings) -> bool:
    return chosen.base_url is None or urlsplit(chosen.base_url).hostname in source.hosts


def about(source: Source, settings: Settings) -> dict[str, str]:
    """What the warcinfo record of a file says."""
    return {
        # "thresher/1.4.0 (+https://...)" without what follows the version.
        "software": settings.user_agent.partition(" ")[0],
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": source.name,
        "robots": "classic",
        "http-header-user-agent": settings.user_agent,
    }
