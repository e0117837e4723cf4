"""What lies about the fetcher: certificates, the environment, the libraries below it, the log."""

import ssl

import httpcore
import httpx
import pytest

from ingest.errors import FetchError, Unreachable
from ingest.fetch import Fetcher, Scope
from tests.fetch.faulty_server import QUICK, listening

pytestmark = pytest.mark.anyio


class Raising(httpx.AsyncBaseTransport):
    """A transport that fails in a way that a loopback server cannot."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        raise self._error


async def test_a_bad_certificate_is_not_asked_again(site):
    transport = Raising(httpcore.ConnectError(ssl.SSLCertVerificationError("self-signed")))
    async with site.fetcher(transport=transport) as fetcher:
        with pytest.raises(Unreachable, match=r"TLS failed.*self-signed"):
            await fetcher.fetch(site.url("/x"))
    assert transport.asked == 1


@pytest.mark.parametrize(
    "error", [httpcore.LocalProtocolError("x"), httpx.InvalidURL("x"), UnicodeError("x")]
)
async def test_a_failure_of_our_own_side_is_typed_and_not_asked_again(site, error):
    transport = Raising(error)
    async with site.fetcher(transport=transport) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(site.url("/x"))
    assert transport.asked == 1


async def test_a_bug_is_not_taken_for_a_failure_of_the_site(site):
    async with site.fetcher(transport=Raising(KeyError("a bug"))) as fetcher:
        with pytest.raises(KeyError):
            await fetcher.fetch(site.url("/x"))


async def test_plain_http_on_an_https_port_is_unreachable(clock):
    async def greet(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()

    async with listening(greet) as port:
        base_url = f"https://127.0.0.1:{port}/"
        scope = Scope(hosts=(), base_url=base_url)
        async with Fetcher(
            scope=scope, clock=clock, limits=QUICK, user_agent="thresher/0", delay=0.0
        ) as fetcher:
            with pytest.raises(Unreachable, match="TLS failed"):
                await fetcher.fetch(base_url)
    assert fetcher.robots_requests == 1


async def test_neither_proxy_nor_netrc_nor_certificates_of_the_environment_count(site, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password hunter2")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.2:9/")
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/x"))).status == 404
    assert "Authorization" not in site.seen[-1].headers


async def test_the_libraries_do_not_log_addresses(site, caplog):
    caplog.set_level("INFO")
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/x?token=hunter2"))
    assert "hunter2" not in caplog.text
