"""The robots.txt of each origin, asked for once a day: kept in memory, and where every process finds it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

import httpx

from ingest.clock import Clock
from ingest.errors import FetchError, Unreachable
from ingest.fetch.politeness import MOST_BYTES, Rules, Standing, standing_after
from ingest.fetch.scope import port_of
from ingest.records.capture import Capture
from ingest.records.robots import RobotsAnswer

ROBOTS_BYTES = MOST_BYTES + 1
"""One byte more than counts, so that a longer file is noticed."""

log = logging.getLogger(__name__)

Ask = Callable[[httpx.URL], Awaitable[Capture]]


class KeptRobots(Protocol):
    """The last answers, by origin, of all processes; what it gives is taken as if the host had sent it."""

    def last(self, origin: str) -> RobotsAnswer | None:
        """The origin's last answer, however old it is."""

    def keep(self, origin: str, answer: RobotsAnswer) -> None:
        """Takes the place of the answer before."""


class RobotsCache:
    """Knows the rules of every origin asked about; ``ask`` fetches a robots.txt, its redirects followed.

    Only answers that give rules are ``kept``: after an error the next process asks anew.
    """

    def __init__(self, *, ask: Ask, clock: Clock, kept: KeptRobots | None = None) -> None:
        self._ask = ask
        self._clock = clock
        self._kept = kept
        self._standings: dict[str, Standing] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def rules_for(self, address: httpx.URL) -> Rules:
        """The rules that apply to an address; raises Unreachable while they cannot be read."""
        origin = f"{address.scheme}://{address.host}:{port_of(address)}"
        # One question for all pages that wait: the second one finds the answer.
        async with self._asking[origin]:
            standing = self._standings.get(origin)
            if not self._is_current(standing):
                standing = self._recalled(origin) or standing
            if standing is None or not self._is_current(standing):
                standing = await self._ask_for(origin, address.join("/robots.txt"), standing)
            self._standings[origin] = standing
        if standing.rules is None:
            raise Unreachable(f"no page is asked for: {standing.trouble}", str(address))
        return standing.rules

    def _is_current(self, standing: Standing | None) -> bool:
        return standing is not None and self._clock.now() < standing.ask_again_at

    def _recalled(self, origin: str) -> Standing | None:
        """The last answer that a process got; None if it gives no rules, or is of a clock that was ahead."""
        answer = self._kept.last(origin) if self._kept is not None else None
        # It would be current until the clock has caught up with it.
        if answer is None or answer.asked_at > self._clock.now():
            return None
        standing = standing_after(answer.status, answer.body[:ROBOTS_BYTES], before=None, now=answer.asked_at)
        if standing.rules is None:
            return None
        log.info(
            "robots.txt of %s is kept: it was asked for at %s",
            origin,
            f"{answer.asked_at:%Y-%m-%d %H:%M} UTC",
        )
        return standing

    async def _ask_for(self, origin: str, robots: httpx.URL, before: Standing | None) -> Standing:
        try:
            answer = await self._ask(robots)
        except FetchError as exc:
            trouble = f"robots.txt could not be read: {exc}"
            return standing_after(None, before=before, now=self._clock.now(), trouble=trouble)
        now = self._clock.now()
        standing = standing_after(answer.status, answer.body, before=before, now=now)
        if standing.read_at == now and standing.rules is not None and self._kept is not None:
            # The body of a 404 is a page for people: no rules.
            body = answer.body[:ROBOTS_BYTES] if answer.status < 300 else b""
            self._kept.keep(origin, RobotsAnswer(status=answer.status, body=body, asked_at=now))
        return standing
