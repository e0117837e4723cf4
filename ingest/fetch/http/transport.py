"""The way to the network: httpcore's pool behind httpx's seam, with a guard before every connection.

    name -> resolve once -> all answers public? -> connect to a checked literal -> is the peer that one?

A check of the URL alone loses to a name that resolves to another address the second time. TLS still sees
the name: httpcore asks for a certificate of the URL's host, whatever the connection was made to.
"""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import cached_property
from importlib.util import find_spec
from ipaddress import ip_address
from ssl import SSLContext, TLSVersion
from types import ModuleType

import httpcore
import httpx

from ingest.fetch.http.public_addresses import is_public
from ingest.fetch.scope import Scope, port_of

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

KEEP_ALIVE = 4.0
"""Seconds an idle connection is kept: fewer than servers do, so that none is closed during a request."""


class PrivateAddress(Exception):
    """A host has an address that is not public, and the operator did not name the host."""


async def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, as the system's resolver gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, or to what ``scope`` says the operator named."""

    def __init__(
        self,
        scope: Scope,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._scope = scope
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002 - the pool below sets neither
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked(host, port)
                return await self._connect_any(addresses, port, timeout)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(f"{host} did not answer in {timeout} s") from exc

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as exc:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {exc}") from exc
        for address in addresses:
            if not (is_public(address) or self._scope.names(host, port)):
                raise PrivateAddress(f"{host} has the address {address}, which is not public")
        return addresses

    async def _connect_any(
        self, addresses: Sequence[str], port: int, seconds: float | None
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        # One address that does not answer must not use up the time of the next.
        share = None if seconds is None else seconds / max(1, len(addresses))
        for address in addresses:
            try:
                return _peer_checked(await self._network.connect_tcp(address, port, share), address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
        raise failure


def _peer_checked(stream: httpcore.AsyncNetworkStream, address: str) -> httpcore.AsyncNetworkStream:
    peer = peer_of(stream)
    # Compared as addresses: ::1 and 0:0:0:0:0:0:0:1 are one.
    if peer is None or ip_address(peer) != ip_address(address):
        raise PrivateAddress(f"asked for {address}, connected to {peer}")
    return stream


def peer_of(stream: httpcore.AsyncNetworkStream | None) -> str | None:
    """The IP address at the other end of a connection."""
    address = stream.get_extra_info("server_addr") if stream is not None else None
    return str(address[0]) if address else None


def tls_of(stream: httpcore.AsyncNetworkStream | None) -> tuple[str | None, str | None]:
    """The TLS version of a connection, and its cipher suite by IANA's name if that is known."""
    secured = stream.get_extra_info("ssl_object") if stream is not None else None
    if secured is None:
        return None, None
    suite, version, _ = secured.cipher()
    # OpenSSL calls the suites before TLS 1.3 by names of its own: ECDHE-RSA-AES128-GCM-SHA256.
    return secured.version().removeprefix("TLSv"), suite if version == "TLSv1.3" else None


def trusting_the_web() -> SSLContext:
    """TLS 1.2 or newer, certificates of the authorities that certifi lists; SSL_CERT_FILE does not count."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = TLSVersion.TLSv1_2
    return context


class GuardedTransport(httpx.AsyncBaseTransport):
    """One guarded connection an origin; HTTP/1.1, certificates verified, nothing read from the environment.

    Errors are httpcore's own, and PrivateAddress; ``ingest.fetch.http.errors`` knows them.
    """

    def __init__(self, backend: httpcore.AsyncNetworkBackend, tls: SSLContext | None = None) -> None:
        # Their lines carry whole addresses and headers.
        for library in ("httpx", "httpcore"):
            logging.getLogger(library).setLevel(logging.WARNING)
        _remember_what_is_missing()
        self._backend = backend
        self._given_tls = tls
        self._pools: dict[tuple[str, str, int], httpcore.AsyncConnectionPool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body is still to be read, and the response to be closed."""
        url = request.url
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        )
        answer = await self._pool(url).handle_async_request(
            httpcore.Request(
                method=request.method,
                url=target,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    def _pool(self, url: httpx.URL) -> httpcore.AsyncConnectionPool:
        origin = (url.scheme, url.host, port_of(url))
        if origin not in self._pools:
            self._pools[origin] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls if url.scheme == "https" else None,
                max_connections=1,
                keepalive_expiry=KEEP_ALIVE,
                network_backend=self._backend,
            )
        return self._pools[origin]

    @cached_property
    def _tls(self) -> SSLContext:
        return self._given_tls or trusting_the_web()


def _remember_what_is_missing() -> None:
    """httpcore imports sniffio at each lock that it takes; what is not installed is searched for anew."""
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    if find_spec("sniffio") is None:
        modules["sniffio"] = None


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()
