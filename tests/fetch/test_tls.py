"""TLS with a real server on loopback and an authority of our own: what is refused, what is written down."""

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
import trustme

from ingest.errors import AddressForbidden, Unreachable
from ingest.fetch.http.transport import GuardedBackend, GuardedTransport, trusting_the_web
from tests.fetch.faulty_server import FaultyServer, Reply, listening, moved, page

pytestmark = pytest.mark.anyio

HOST = "127.0.0.1"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def served(authority: trustme.CA, name: str = HOST, **more: object) -> ssl.SSLContext:
    """A server's side, with a certificate for a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **more).configure_cert(context)
    return context


class Counting(httpcore.AnyIOBackend):
    """The real network; counts the connections, those too that no handshake follows."""

    def __init__(self) -> None:
        super().__init__()
        self.connections = 0

    async def connect_tcp(self, *where, **how):
        self.connections += 1
        return await super().connect_tcp(*where, **how)


def trusting(
    authority: trustme.CA, site: FaultyServer, network: httpcore.AsyncNetworkBackend | None = None
) -> GuardedTransport:
    """The product's own way to the network, but for one authority more."""
    context = trusting_the_web()
    authority.configure_trust(context)
    return GuardedTransport(GuardedBackend(site.scope, network=network), tls=context)


def at_most(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A side that knows nothing newer; OpenSSL lets it speak TLS 1.1 at security level 0 only."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = min(version, ssl.TLSVersion.TLSv1_2)
        context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("then", ["keep", "close"])
async def test_the_version_and_the_suite_are_written_down(clock, authority, then):
    async with FaultyServer(clock, tls=served(authority)) as site:
        site.on("/x", Reply(raw=page(b"here").raw, then=then))
        async with site.fetcher(transport=trusting(authority, site)) as fetcher:
            capture = await fetcher.fetch(site.url("/x"))
    assert (capture.body, capture.ip, capture.tls) == (b"here", HOST, "1.3")
    assert capture.cipher in {
        "TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
    }


async def test_an_older_suite_has_no_name_that_iana_knows(clock, authority):
    older = at_most(served(authority), ssl.TLSVersion.TLSv1_2)
    async with FaultyServer(clock, tls=older) as site:
        site.on("/x", page())
        async with site.fetcher(transport=trusting(authority, site)) as fetcher:
            capture = await fetcher.fetch(site.url("/x"))
    assert (capture.tls, capture.cipher) == ("1.2", None)


async def test_without_tls_nothing_is_said_of_it(site):
    site.on("/x", page())
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert (capture.tls, capture.cipher) == (None, None)


def expired(authority: trustme.CA) -> ssl.SSLContext:
    return served(authority, not_before=LONG_AGO, not_after=LONG_AGO + timedelta(days=90))


def of_another_host(authority: trustme.CA) -> ssl.SSLContext:
    return served(authority, "other.test")


def of_another_address(authority: trustme.CA) -> ssl.SSLContext:
    return served(authority, "127.0.0.2")


def signed_by_itself(authority: trustme.CA) -> ssl.SSLContext:
    return served(trustme.CA())


WRONG = {
    expired: "certificate has expired",
    of_another_host: "IP address mismatch",
    of_another_address: "IP address mismatch",
    signed_by_itself: "unable to get local issuer certificate|self-signed certificate",
}


@pytest.mark.parametrize(("side", "said"), WRONG.items(), ids=[side.__name__ for side in WRONG])
async def test_what_is_wrong_is_refused_and_not_asked_again(
    clock, authority, side: Callable[[trustme.CA], ssl.SSLContext], said: str
):
    async with FaultyServer(clock, tls=side(authority)) as site:
        site.on("/x", page())
        network = Counting()
        async with site.fetcher(transport=trusting(authority, site, network)) as fetcher:
            with pytest.raises(Unreachable, match="TLS failed.*(" + said + ")"):
                await fetcher.fetch(site.url("/x"))
            with pytest.raises(Unreachable, match="TLS failed"):
                await fetcher.fetch(site.url("/y"))
    assert (network.connections, fetcher.requests, clock.sleeps, site.seen) == (1, 0, [], [])


@pytest.fixture
def outdated(clock, authority) -> Iterator[FaultyServer]:
    """Speaks TLS 1.1 and says so; asyncio's own server would hang up without the alert that others send."""
    context = at_most(served(authority), ssl.TLSVersion.TLSv1_1)
    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    site = FaultyServer(clock, tls=context)
    site.port = listener.getsockname()[1]
    yield site
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    listener.close()


async def test_tls_of_another_age_is_refused_and_not_asked_again(clock, authority, outdated):
    network = Counting()
    async with outdated.fetcher(transport=trusting(authority, outdated, network)) as fetcher:
        with pytest.raises(Unreachable, match=r"(?i)TLS failed.*protocol.version"):
            await fetcher.fetch(outdated.url("/x"))
    assert (network.connections, clock.sleeps) == (1, [])


def test_the_outdated_server_shakes_hands_with_its_like(authority, outdated):
    lenient = ssl.create_default_context()
    authority.configure_trust(lenient)
    at_most(lenient, ssl.TLSVersion.TLSv1_1)
    plain = socket.create_connection((HOST, outdated.port))
    with lenient.wrap_socket(plain, server_hostname=HOST) as connected:
        assert connected.version() == "TLSv1.1"


async def test_from_https_to_http_is_not_followed(clock, authority):
    async with FaultyServer(clock, tls=served(authority)) as site:
        site.on("/x", moved(f"http://{HOST}:{site.port}/y"))
        network = Counting()
        async with site.fetcher(transport=trusting(authority, site, network)) as fetcher:
            with pytest.raises(AddressForbidden, match="from https to http"):
                await fetcher.fetch(site.url("/x"))
    assert (network.connections, site.pages_seen, clock.sleeps) == (1, ["/x"], [])


async def test_an_authority_that_only_the_environment_names_is_not_trusted(
    clock, authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    async with FaultyServer(clock, tls=served(authority)) as site, site.fetcher() as fetcher:
        with pytest.raises(Unreachable, match="unable to get local issuer certificate"):
            await fetcher.fetch(site.url("/x"))
    assert site.seen == []


async def test_a_connection_that_ends_within_the_handshake_may_pass(clock):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)

    site = FaultyServer(clock, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    network = Counting()
    async with listening(hang_up) as site.port:
        transport = GuardedTransport(GuardedBackend(site.scope, network=network))
        async with site.fetcher(transport=transport) as fetcher:
            with pytest.raises(Unreachable):
                await fetcher.fetch(site.url("/x"))
    assert network.connections == 3
