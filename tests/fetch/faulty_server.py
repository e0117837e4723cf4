"""A loopback HTTP server that sends exactly the bytes it is told to, faults and all.

site.on("/page", page(b"hello"))                 every time
site.on("/page", busy(503), page(b"hello"))      first this, then that; the last one is repeated
"""

import asyncio
import random
import socket
import ssl
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Self

from ingest.clock import Clock
from ingest.fetch import Fetcher, Limits, Scope

QUICK = Limits(connect=2.0, deadline=5.0, attempts=3, budget_seconds=100.0)

AT_ONCE_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Raw bytes, and what becomes of the connection: kept, closed, reset, stalled, or fed for ever."""

    raw: bytes
    then: str = "close"
    forever: bytes = b""
    every: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it arrived; ``at`` is by the test's clock."""

    path: str
    headers: dict[str, str]
    at: float


def page(body: bytes = b"a page", status: int = 200, headers: Iterable[str] = ()) -> Reply:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
    return Reply(raw="\r\n".join([*lines, "", ""]).encode("utf-8") + body, then="keep")


def gzipped(body: bytes, status: int = 200) -> Reply:
    return page(body, status, ["Content-Encoding: gzip"])


def moved(location: str, status: int = 302) -> Reply:
    return page(b"", status, [f"Location: {location}"])


def busy(status: int, retry_after: str | None = None) -> Reply:
    return page(b"", status, [] if retry_after is None else [f"Retry-After: {retry_after}"])


def bomb(mebibytes: int) -> bytes:
    """A gzip stream of so many MiB of zeros, about a thousandth of that on the wire."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeezed.compress(bytes(1024 * 1024)) + squeezed.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * mebibytes


@asynccontextmanager
async def listening(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """A server's port, for as long as it listens; at the end no connection of it is left open.

    TLS starts within the answer's task, so that a connection whose handshake never ends is ended as well.
    """
    connected: dict[asyncio.Task[None], asyncio.WriteTransport] = {}

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        connected[task] = writer.transport
        with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if tls is not None:
                await writer.start_tls(tls)
            await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(answered, host, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)  # what was just accepted gets its task
        for task, transport in connected.items():
            task.cancel()
            transport.abort()
        await asyncio.gather(*connected, return_exceptions=True)
        await server.wait_closed()


class FaultyServer:
    """Listens on a loopback address, by TLS if it is given a certificate; remembers what it was asked."""

    def __init__(self, clock: Clock, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._host = host
        self._tls = tls
        self._replies: dict[str, list[Reply]] = {}
        self.seen: list[Seen] = []
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> Self:
        self._listening = AsyncExitStack()
        self.port = await self._listening.enter_async_context(listening(self._connect, self._host, self._tls))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._listening.aclose()

    def on(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}{path}"

    @property
    def pages_seen(self) -> list[str]:
        return [seen.path for seen in self.seen if seen.path != "/robots.txt"]

    @property
    def scope(self) -> Scope:
        return Scope(hosts=(), base_url=self.url())

    def fetcher(self, limits: Limits = QUICK, delay: float = 0.0, **more: object) -> Fetcher:
        agent = "thresher/0 (a test)"
        rng = random.Random(1)
        return Fetcher(
            scope=self.scope, clock=self._clock, limits=limits, user_agent=agent, delay=delay, rng=rng, **more
        )

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await self._serve(reader, writer):
            pass

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        self.seen.append(Seen(path=path, headers=headers, at=self._clock.monotonic()))
        reply = self._next_reply(path)
        writer.write(reply.raw)
        await writer.drain()
        while reply.forever:
            writer.write(reply.forever)
            await writer.drain()
            await asyncio.sleep(reply.every)
        if reply.then == "stall":
            await reader.read()  # until the client gives up
        if reply.then == "reset":
            await asyncio.sleep(0.02)  # or the client reads the reset before the bytes
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_RESET)
        return reply.then == "keep"

    def _next_reply(self, path: str) -> Reply:
        replies = self._replies.get(path)
        if replies is None:
            return page(b"none", 404)
        return replies.pop(0) if len(replies) > 1 else replies[0]
