"""What a harvest would ask for: its requests in order, and why; nothing is asked for and nothing is written.

Which pages an answer calls for is known once it is there: of them, those that are asked for in any case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from ingest.jobs.harvest import Harvest, days_to_visit, late_lists
from ingest.pipeline.budget import day_of
from ingest.pipeline.visit import unfinished_sections
from ingest.pipeline.workspace import Workspace
from ingest.records.chosen import SourceSettings
from ingest.store import Store
from ingest.store.coordination.spending import Spent
from parsers.source import Lists, Source
from parsers.urls import Address
from schedules.plan import sections_to_try
from schedules.recrawl import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """One request; ``if_listed``: only where the page before it still shows what it is for."""

    day: date
    url: str
    why: str
    if_listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The requests of a harvest in order, and what the source was asked for today."""

    requests: tuple[PlannedRequest, ...]
    spent: Spent


def rehearse(wanted: Harvest, workspace: Workspace, *, chosen: SourceSettings) -> Rehearsal:
    """Plan a harvest; the store is only read."""
    source, now = wanted.source, workspace.clock.now()
    plan = _Plan(source, chosen.base_url or source.base_url, workspace.store)
    days = days_to_visit(wanted, workspace.store, workspace.clock)
    requests = [one for day, visit in days.items() for one in plan.of_day(day, visit)]
    if not wanted.days:
        requests += plan.of_late_comments(now)
    if requests:
        robots = urljoin(plan.base_url, "/robots.txt")
        requests.insert(0, PlannedRequest(day=requests[0].day, url=robots, why="whether it may be asked"))
    day, since = day_of(source, now)
    spent = workspace.store.spending.of(source.name, day, since=since)
    return Rehearsal(requests=tuple(requests), spent=spent)


class _Plan:
    def __init__(self, source: Source, base_url: str, store: Store) -> None:
        self.base_url = base_url
        self._source = source
        self._store = store

    def of_day(self, day: date, visit: Visit) -> Iterator[PlannedRequest]:
        """The requests that a visit of the day begins with, and those that it makes in any case."""
        lists = self._source.lists
        return self._sections(day, visit) if lists is None else self._lists(lists, day, visit)

    def of_late_comments(self, now: datetime) -> list[PlannedRequest]:
        """The request for what was written below old articles, where the site lists that."""
        lists = self._source.lists
        if lists is None or lists.latest is None:
            return []
        today = now.astimezone(ZoneInfo(self._source.zone)).date()
        return [
            self._request(
                address,
                today,
                f"for comments since {address.since:%Y-%m-%d %H:%M} UTC, whatever they stand below",
            )
            for address in late_lists(lists, self._source, self._store, now)
        ]

    def _sections(self, day: date, visit: Visit) -> Iterator[PlannedRequest]:
        known = self._store.ledger.day_known(self._source.name, day)
        unfinished = unfinished_sections(known)
        first = sections_to_try(self._source.sections, known.articles.values(), unfinished=unfinished)[0]
        why = "it is unfinished" if first in unfinished else "a look at the catalogue"
        yield self._section(day, first, why)
        held = {article.section for article in known.articles.values() if article.section is not None}
        for section in sorted(({*unfinished} | (held if visit == "full" else set())) - {first}):
            why = "everything is asked for" if visit == "full" else "it is unfinished"
            yield self._section(day, section, why, if_listed=True)

    def _section(self, day: date, section: int, why: str, *, if_listed: bool = False) -> PlannedRequest:
        address = Address(kind="section", day=day, section=section)
        return self._request(address, day, why, if_listed=if_listed)

    def _lists(self, lists: Lists, day: date, visit: Visit) -> Iterator[PlannedRequest]:
        for address in lists.entries(day):
            yield self._request(address, day, "a visit begins with it")
        for row in self._store.threads.of_window(self._source.name, day, day):
            if row.kind == "comments" and (visit == "full" or not row.settled):
                why = "everything is asked for" if visit == "full" else "it is unfinished"
                address = Address(kind="comments", article_id=row.thread)
                yield self._request(address, day, why, if_listed=True)

    def _request(self, address: Address, day: date, why: str, *, if_listed: bool = False) -> PlannedRequest:
        url = self._source.url_of(address, self.base_url)
        return PlannedRequest(day=day, url=url, why=why, if_listed=if_listed)
