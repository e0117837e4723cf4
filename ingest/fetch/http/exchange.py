"""One request and its answer: within a deadline, within the caps, without cookies and credentials.

request -> status and headers -> a redirect?   its target; the body is not read
                              -> busy?         TransientError, with the pause asked for; the body is not read
                              -> anything else the body, whole and decoded -> Capture
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import httpx

from ingest.clock import Clock
from ingest.errors import BudgetReached, Unreachable
from ingest.fetch.http.body import Body, BodyCut, is_gzipped, made_up_coding
from ingest.fetch.http.errors import NETWORK_ERRORS, TRUNCATED, TransientError, translated
from ingest.fetch.http.limits import Limits
from ingest.fetch.http.transport import peer_of, tls_of
from ingest.fetch.politeness import retry_after_seconds
from ingest.records.capture import Capture

REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (408, 425, 429, 500, 502, 503, 504, 522)
"""Statuses that can pass; 522 is a proxy's that could not reach the site."""

PAUSING = (429, 503)
"""Of these, those whose Retry-After holds for the whole host."""

BODILESS = (204, 304)
FIRST_NOT_ASCII = 0x80

DRAIN_BYTES = 64 * 1024
DRAIN_SECONDS = 1.0
"""The most to read of a body that is not needed; a new connection costs more than a short body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """The site redirects to another address."""

    location: str


class Exchange:
    """Requests one address at a time, over a transport that follows no redirects and keeps no cookies."""

    def __init__(
        self, *, transport: httpx.AsyncBaseTransport, clock: Clock, limits: Limits, user_agent: str
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._limits = limits
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
            # No brotli: 800 bytes of it can be a gigabyte, which httpx hands out in one piece.
            "Accept-Encoding": "gzip",
        }
        self.bytes_received = 0

    async def ask(
        self, address: httpx.URL, *, beginning: int | None = None, most: int | None = None
    ) -> Capture | Redirect:
        """Raises TransientError where another try may help, FetchError where it cannot.

        ``beginning``: only about so many bytes of a body count, and none where the status is no 2xx. A body
        of more than ``most`` bytes is broken off: BudgetReached.
        """
        try:
            async with asyncio.timeout(self._limits.deadline):
                return await self._ask(address, beginning, most)
        except BodyCut as exc:
            raise TransientError(exc) from exc
        except NETWORK_ERRORS as exc:
            raise translated(exc, str(address)) from exc

    async def _ask(self, address: httpx.URL, beginning: int | None, most: int | None) -> Capture | Redirect:
        request = self._request(address)
        captured_at, began = self._clock.now(), self._clock.monotonic()
        response = await self._transport.handle_async_request(request)
        try:
            location = _location(response)
            if location is not None:
                return Redirect(location=location)
            self._refuse_busy(response, str(address))
            body = await self._receive(response, str(address), beginning, most)
        finally:
            await response.aclose()
        seconds = self._clock.monotonic() - began
        return _capture(request, response, body, captured_at=captured_at, seconds=seconds)

    def _request(self, address: httpx.URL) -> httpx.Request:
        timeout = httpx.Timeout(self._limits.deadline, connect=self._limits.connect)
        return httpx.Request("GET", address, headers=self._headers, extensions={"timeout": timeout.as_dict()})

    def _refuse_busy(self, response: httpx.Response, url: str) -> None:
        status = response.status_code
        if status not in BUSY:
            return
        asked = response.headers.get("Retry-After") if status in PAUSING else None
        pause = retry_after_seconds(asked, self._clock.now())
        raise TransientError(Unreachable(f"the site answered {status}", url), pause)

    async def _receive(
        self, response: httpx.Response, url: str, beginning: int | None, most: int | None
    ) -> Body:
        # The status comes before the body: a 404 of robots.txt says all, whatever is wrong with its page.
        passed_over = beginning is not None and not response.is_success
        unread = passed_over or response.status_code in BODILESS
        codings = [] if unread else response.headers.get_list("Content-Encoding")
        body = Body(
            gzipped=is_gzipped(codings, url),
            wire_bytes=self._limits.wire_bytes,
            decoded_bytes=self._limits.decoded_bytes if beginning is None else beginning,
            url=url,
            beginning=beginning is not None,
        )
        if passed_over:
            await self._drain(response)
        else:
            await self._read_into(body, response, url, most)
        if odd := made_up_coding(codings):
            body.oddities.append(odd)
        return body

    async def _drain(self, response: httpx.Response) -> None:
        """Reads a short body to its end, so that the connection can be used again."""
        drained = 0
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                async for piece in response.aiter_raw():
                    drained += len(piece)
                    if drained > DRAIN_BYTES:
                        break
        # What is wrong with a body that nobody reads is no error.
        except (TimeoutError, *TRUNCATED):
            pass
        self.bytes_received += drained

    async def _read_into(self, body: Body, response: httpx.Response, url: str, most: int | None) -> None:
        began = self.bytes_received
        try:
            async for piece in response.aiter_raw():
                self.bytes_received += len(piece)
                if most is not None and self.bytes_received - began > most:
                    raise BudgetReached(f"the answer has more than the {most} bytes that are left ({url})")
                body.feed(piece)
                if body.is_enough:
                    return
        except TRUNCATED as exc:
            raise BodyCut(f"the body is cut short: {str(exc)[:200]}", url) from exc
        body.close()
        # Without a length an empty body looks like one that is cut off.
        if body.oddities and not body.wire and not _is_framed(response):
            raise BodyCut("the body is cut short before it begins", url)


def _location(response: httpx.Response) -> str | None:
    if response.status_code not in REDIRECTS:
        return None
    for name, value in response.headers.raw:
        if name.lower() == b"location":
            # In Latin-1 or in UTF-8: it is asked for as the very bytes that were sent.
            return "".join(chr(byte) if byte < FIRST_NOT_ASCII else f"%{byte:02X}" for byte in value)
    return None


def _capture(
    request: httpx.Request, response: httpx.Response, body: Body, *, captured_at: datetime, seconds: float
) -> Capture:
    # A reason phrase may be any Latin-1: "Non trouvé".
    reason: bytes = response.extensions.get("reason_phrase", b"")
    stream = response.extensions.get("network_stream")
    tls, cipher = tls_of(stream)
    return Capture(
        url=str(request.url),
        captured_at=captured_at,
        method=request.method,
        request_headers=tuple(request.headers.raw),
        http_version=response.http_version,
        status=response.status_code,
        reason=reason.decode("latin-1"),
        response_headers=tuple(response.headers.raw),
        wire_body=body.wire,
        body=body.decoded,
        ip=peer_of(stream),
        framed=_is_framed(response),
        seconds=seconds,
        tls=tls,
        cipher=cipher,
        oddities=tuple(body.oddities),
    )


def _is_framed(response: httpx.Response) -> bool:
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    return response.status_code in BODILESS or "Content-Length" in response.headers or chunked
