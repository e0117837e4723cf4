"""The guard between a name and a connection, with a network that only writes down where it was sent."""

import asyncio

import httpcore
import pytest

from ingest.fetch import Scope
from ingest.fetch.http.transport import GuardedBackend, PrivateAddress, resolve

pytestmark = pytest.mark.anyio

PUBLIC, PUBLIC_V6 = "1.1.1.1", "2606:4700::1111"
SCOPE = Scope(hosts=("site.test",), base_url="http://named.test:8000/")


class Connection(httpcore.AsyncNetworkStream):
    def __init__(self, peer: str | None) -> None:
        self._peer = peer

    def get_extra_info(self, info: str) -> object:
        return (self._peer, 80) if info == "server_addr" and self._peer else None


class Network(httpcore.AsyncNetworkBackend):
    """Connects nowhere; ``refusing`` addresses refuse, and ``peer`` is who answers in the others' place."""

    def __init__(self, refusing: tuple[str, ...] = (), peer: str | None = "") -> None:
        self.connected: list[str] = []
        self._refusing = refusing
        self._peer = peer

    async def connect_tcp(self, host, port, *_):
        self.connected.append(host)
        if host in self._refusing:
            raise httpcore.ConnectError("refused")
        return Connection(host if self._peer == "" else self._peer)


def answering(*answers: list[str]):
    """A resolver that gives one list after another."""
    remaining = list(answers)

    async def lookup(host: str, port: int) -> list[str]:
        return remaining.pop(0)

    return lookup


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_V6])
async def test_the_checked_literal_is_what_is_connected_to(address):
    network = Network()
    stream = await GuardedBackend(SCOPE, answering([address]), network).connect_tcp("site.test", 80)
    assert network.connected == [address]
    assert stream.get_extra_info("server_addr") == (address, 80)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "localhost",
    ],
)
async def test_no_spelling_of_loopback_is_connected_to(host):
    network = Network()
    # A resolver that does not know the spelling is as good as one that is refused.
    with pytest.raises((PrivateAddress, httpcore.ConnectError)):
        await GuardedBackend(SCOPE, resolve, network).connect_tcp(host, 80, 5.0)
    assert network.connected == []


async def test_a_name_that_changes_its_address_is_caught_the_second_time():
    network = Network()
    guarded = GuardedBackend(SCOPE, answering([PUBLIC], ["127.0.0.1"]), network)
    await guarded.connect_tcp("site.test", 80)
    with pytest.raises(PrivateAddress):
        await guarded.connect_tcp("site.test", 80)
    assert network.connected == [PUBLIC]


@pytest.mark.parametrize("answers", [[PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], ["169.254.169.254"]])
async def test_one_private_answer_refuses_the_name(answers):
    network = Network()
    with pytest.raises(PrivateAddress):
        await GuardedBackend(SCOPE, answering(answers), network).connect_tcp("site.test", 80)
    assert network.connected == []


async def test_only_the_named_host_and_port_may_be_private():
    network = Network()
    guarded = GuardedBackend(SCOPE, answering(["10.0.0.1"], ["10.0.0.1"]), network)
    await guarded.connect_tcp("named.test", 8000)
    with pytest.raises(PrivateAddress):
        await guarded.connect_tcp("named.test", 80)
    assert network.connected == ["10.0.0.1"]


async def test_the_next_address_is_tried():
    network = Network(refusing=(PUBLIC,))
    await GuardedBackend(SCOPE, answering([PUBLIC, PUBLIC_V6]), network).connect_tcp("site.test", 80, 5.0)
    assert network.connected == [PUBLIC, PUBLIC_V6]


@pytest.mark.parametrize("answers", [[], [PUBLIC]])
async def test_no_address_answers(answers):
    guarded = GuardedBackend(SCOPE, answering(answers), Network(refusing=(PUBLIC,)))
    with pytest.raises(httpcore.ConnectError):
        await guarded.connect_tcp("site.test", 80)


@pytest.mark.parametrize("peer", ["8.8.8.8", None])
async def test_the_peer_must_be_the_one_asked_for(peer):
    with pytest.raises(PrivateAddress, match="connected to"):
        await GuardedBackend(SCOPE, answering([PUBLIC]), Network(peer=peer)).connect_tcp("site.test", 80)


@pytest.mark.parametrize("failure", [OSError("no such name"), UnicodeError("label too long")])
async def test_a_name_that_does_not_resolve(failure):
    async def lookup(host, port):
        raise failure

    with pytest.raises(httpcore.ConnectError, match=r"site\.test cannot be resolved"):
        await GuardedBackend(SCOPE, lookup, Network()).connect_tcp("site.test", 80)


async def test_a_resolver_that_does_not_answer_ends_with_the_connect_timeout():
    async def lookup(host, port):
        await asyncio.sleep(60)

    with pytest.raises(httpcore.ConnectTimeout):
        await GuardedBackend(SCOPE, lookup, Network()).connect_tcp("site.test", 80, 0.05)
