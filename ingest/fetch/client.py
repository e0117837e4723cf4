"""The fetcher requests a source's pages politely, and returns each page whole or raises an error."""

import logging
import random
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import httpx

from ingest.clock import Clock
from ingest.errors import RobotsForbidden, Unreachable
from ingest.fetch.allowance import Allowance
from ingest.fetch.http.errors import TransientError
from ingest.fetch.http.exchange import Exchange, Redirect
from ingest.fetch.http.limits import Limits
from ingest.fetch.http.transport import GuardedBackend, GuardedTransport
from ingest.fetch.politeness import AGENT_TOKEN, effective_delay
from ingest.fetch.retry import Retry
from ingest.fetch.robots_cache import ROBOTS_BYTES, KeptRobots, RobotsCache
from ingest.fetch.scope import Scope, shown
from ingest.fetch.throttle import Gate, Turns
from ingest.fetch.waits import Waits
from ingest.records.capture import Capture

log = logging.getLogger(__name__)

Ask = Callable[[httpx.URL], Awaitable[Capture | Redirect]]


class Fetcher:
    """Fetches the pages of one source; an async context manager.

    ``delay`` is in seconds; robots.txt may ask for more. ``requests`` counts the page requests sent, hops and
    retries included, ``robots_requests`` those for robots.txt. ``transport`` takes the network's place in
    tests; ``turns`` keeps the delay across processes; ``waits`` reports what the run waits for. ``allowance``
    is the source's budget, which robots.txt is no part of; ``robots`` keeps robots.txt across processes.
    """

    def __init__(
        self,
        *,
        scope: Scope,
        clock: Clock,
        limits: Limits,
        user_agent: str,
        delay: float,
        rng: random.Random | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        turns: Turns | None = None,
        waits: Waits | None = None,
        allowance: Allowance | None = None,
        robots: KeptRobots | None = None,
    ) -> None:
        self._scope = scope
        self._allowance = allowance
        self._clock = clock
        self._limits = limits
        self._delay = delay
        # Redirects, cookies and proxies are not httpx's matter here: a bare transport has none of them.
        self._transport = transport or GuardedTransport(GuardedBackend(scope))
        self._exchange = Exchange(
            transport=self._transport, clock=clock, limits=limits, user_agent=user_agent
        )
        self._waits = waits or Waits(clock)
        self._retry = Retry(
            clock=clock,
            waits=self._waits,
            attempts=limits.attempts,
            budget=limits.budget_seconds,
            rng=rng or random.Random(),  # noqa: S311 - jitter, no secret
        )
        self._robots = RobotsCache(ask=self._fetch_robots, clock=clock, kept=robots)
        self._gates: dict[str, Gate] = {}
        self._turns = turns
        self.requests = 0
        self.robots_requests = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transport.aclose()

    @property
    def bytes_received(self) -> int:
        """Bytes of bodies as received over the wire, refused ones included."""
        return self._exchange.bytes_received

    async def may_fetch(self, url: str) -> bool:
        """Whether robots.txt allows the address.

        Raises AddressForbidden, or Unreachable if robots.txt cannot be read.
        """
        address = self._scope.admit(url)
        rules = await self._robots.rules_for(address)
        return rules.allows(str(address), AGENT_TOKEN)

    async def fetch(self, url: str) -> Capture:
        """The page at an address with any final status, except a transient one.

        Raises AddressForbidden, RobotsForbidden, BodyRefused, or Unreachable after the retries that were due;
        BudgetReached where the source is not to be asked any more.
        """
        address = self._scope.admit(url)
        return await self._retry.run(lambda: self._follow(address, self._ask_page))

    async def _fetch_robots(self, address: httpx.URL) -> Capture:
        return await self._retry.run(lambda: self._follow(address, self._ask_robots))

    async def _follow(self, address: httpx.URL, ask: Ask) -> Capture:
        # Each hop is checked as the first address was: robots.txt, scope and the host's turn.
        target = address
        for _ in range(self._limits.redirects + 1):
            answer = await ask(target)
            if isinstance(answer, Capture):
                return answer
            target = self._scope.follow(target, answer.location)
        raise Unreachable(f"more than {self._limits.redirects} redirects", str(address))

    async def _ask_page(self, address: httpx.URL) -> Capture | Redirect:
        rules = await self._robots.rules_for(address)
        if not rules.allows(str(address), AGENT_TOKEN):
            raise RobotsForbidden("robots.txt forbids it", str(address))
        gate = self._gate(address)
        async with gate.turn(effective_delay(self._delay, rules.crawl_delay(AGENT_TOKEN))):
            return await self._ask_within_budget(address, gate)

    async def _ask_within_budget(self, address: httpx.URL, gate: Gate) -> Capture | Redirect:
        # Within the turn: no other process asks the host between the look at the budget and the answer.
        most = self._allowance.take() if self._allowance is not None else None
        self.requests += 1
        before = self.bytes_received
        try:
            return await self._ask_once(self._exchange.ask(address, most=most), gate)
        finally:
            if self._allowance is not None:
                self._allowance.received(self.bytes_received - before)

    async def _ask_robots(self, address: httpx.URL) -> Capture | Redirect:
        gate = self._gate(address)
        async with gate.turn(self._delay):
            self.robots_requests += 1
            return await self._ask_once(self._exchange.ask(address, beginning=ROBOTS_BYTES), gate)

    async def _ask_once(self, asking: Awaitable[Capture | Redirect], gate: Gate) -> Capture | Redirect:
        try:
            answer = await asking
        except TransientError as trouble:
            # For all pages of the host, and not for this one alone.
            if trouble.pause:
                gate.pause(trouble.pause)
            raise
        if isinstance(answer, Capture) and answer.oddities:
            log.warning("%s: %s", shown(answer.url), "; ".join(answer.oddities))
        return answer

    def _gate(self, address: httpx.URL) -> Gate:
        if address.host not in self._gates:
            self._gates[address.host] = Gate(address.host, self._clock, self._turns, self._waits)
        return self._gates[address.host]
