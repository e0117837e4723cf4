"""The robots.txt of each origin, asked for once a day and kept in memory."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

import httpx

from ingest.clock import Clock
from ingest.errors import FetchError, Unreachable
from ingest.fetch.politeness import Rules, Standing, standing_after
from ingest.fetch.scope import port_of
from ingest.records.capture import Capture

Origin = tuple[str, str, int]
Ask = Callable[[httpx.URL], Awaitable[Capture]]


class RobotsCache:
    """Knows the rules of every origin asked about; ``ask`` fetches a robots.txt, its redirects followed."""

    def __init__(self, *, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._standings: dict[Origin, Standing] = {}
        self._asking: defaultdict[Origin, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def rules_for(self, address: httpx.URL) -> Rules:
        """The rules that apply to an address; raises Unreachable while they cannot be read."""
        origin = (address.scheme, address.host, port_of(address))
        async with self._asking[origin]:
            standing = self._standings.get(origin)
            if standing is None or self._clock.now() >= standing.ask_again_at:
                standing = await self._ask_for(address.join("/robots.txt"), standing)
                self._standings[origin] = standing
        if standing.rules is None:
            raise Unreachable(f"no page is asked for: {standing.trouble}", str(address))
        return standing.rules

    async def _ask_for(self, robots: httpx.URL, before: Standing | None) -> Standing:
        try:
            answer = await self._ask(robots)
        except FetchError as exc:
            trouble = f"robots.txt could not be read: {exc}"
            return standing_after(None, before=before, now=self._clock.now(), trouble=trouble)
        return standing_after(answer.status, answer.body, before=before, now=self._clock.now())
