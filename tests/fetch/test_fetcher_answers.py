"""What comes of a page's answer: a Capture of exactly what was sent, or one typed error."""

import asyncio
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import BodyRefused, Unreachable
from ingest.fetch import Limits
from tests.fetch.faulty_server import Reply, bomb, busy, gzipped, page

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\n"


async def test_a_capture_is_exactly_what_was_sent_and_received(site, clock):
    wire = gzip.compress(b"caf\xe9")
    raw = HEAD + b"Content-Length: %d\r\ncontent-ENCODING: gzip\r\nX-Old: \xe9\r\n\r\n" % len(wire) + wire
    site.on("/x?D=2018-03-23", Reply(raw=raw, then="keep"))
    clock.advance(60)
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x?D=2018-03-23#end"))
    assert capture.url == site.url("/x?D=2018-03-23")
    assert capture.captured_at == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert (capture.method, capture.http_version) == ("GET", "HTTP/1.1")
    assert (capture.status, capture.reason) == (200, "OK")
    assert (capture.wire_body, capture.body) == (wire, b"caf\xe9")
    assert capture.response_headers[1:] == ((b"content-ENCODING", b"gzip"), (b"X-Old", b"\xe9"))
    assert capture.ip == "127.0.0.1"
    assert capture.framed
    assert capture.seconds == 0.0
    sent = {key.decode(): value.decode() for key, value in capture.request_headers}
    assert sent == site.seen[-1].headers
    assert sent["Accept-Encoding"] == "gzip"
    assert sent["User-Agent"] == "thresher/0 (a test)"
    assert fetcher.bytes_received == len(wire) + len(b"none")  # robots.txt said "none"
    assert (fetcher.requests, fetcher.robots_requests) == (1, 1)


@pytest.mark.parametrize("status", [200, 201, 204, 304, 300, 400, 401, 403, 404, 410, 451, 501, 505, 999])
async def test_a_final_status_is_a_capture_at_once(site, status):
    body = b"" if status in (204, 304) else b"said"
    site.on("/x", page(body, status))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert (capture.status, capture.body, fetcher.requests) == (status, body, 1)


async def test_no_content_needs_no_gzip_stream(site):
    site.on("/x", page(b"", 204, ["Content-Encoding: gzip"]))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/x"))).body == b""


async def test_a_redirect_status_without_a_location_is_final(site):
    site.on("/x", page(b"where?", 302))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/x"))).body == b"where?"


async def test_an_unframed_body_is_flagged(site):
    site.on("/x", Reply(raw=HEAD + b"\r\nhalf a pa"))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert (capture.framed, capture.body) == (False, b"half a pa")


async def test_a_chunked_body_is_framed_and_unchunked(site):
    raw = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    site.on("/x", Reply(raw=raw, then="keep"))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert (capture.framed, capture.wire_body) == (True, b"abcde")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 522])
async def test_a_status_that_can_pass_is_asked_again(site, clock, status):
    site.on("/x", busy(status), busy(status), page(b"at last"))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert (capture.body, fetcher.requests) == (b"at last", 3)
    assert len(clock.sleeps) == 2


async def test_a_status_that_does_not_pass_ends_the_page(site, clock):
    site.on("/x", busy(500))
    async with site.fetcher(Limits(attempts=99, budget_seconds=100.0)) as fetcher:
        with pytest.raises(Unreachable, match="answered 500"):
            await fetcher.fetch(site.url("/x"))
    assert fetcher.requests < 20
    assert sum(clock.sleeps) <= 100


CUT = {
    "content-length too big": Reply(raw=HEAD + b"Content-Length: 100\r\n\r\nshort"),
    "chunk cut": Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\nshort"),
    "no last chunk": Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"),
    "bad chunk size": Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nshort\r\n0\r\n\r\n"),
    "reset within": Reply(raw=HEAD + b"Content-Length: 100\r\n\r\nshort", then="reset"),
    "gzip cut, framed": gzipped(gzip.compress(b"a page" * 99)[:-1]),
    "gzip empty": Reply(raw=HEAD + b"Content-Encoding: gzip\r\n\r\n"),
}


@pytest.mark.parametrize("fault", CUT)
async def test_a_cut_body_is_asked_again_and_then_refused(site, fault):
    site.on("/x", CUT[fault])
    site.on("/y", CUT[fault], page(b"whole"))
    async with site.fetcher() as fetcher:
        with pytest.raises(BodyRefused, match="cut"):
            await fetcher.fetch(site.url("/x"))
        assert fetcher.requests == 3
        assert (await fetcher.fetch(site.url("/y"))).body == b"whole"


UNREADABLE = {
    "two lengths": Reply(raw=HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nshort"),
    "a negative length": Reply(raw=HEAD + b"Content-Length: -5\r\n\r\nshort"),
    "reset before the answer": Reply(raw=b"", then="reset"),
    "closed before the answer": Reply(raw=b""),
    "closed within the headers": Reply(raw=HEAD + b"Content-Le"),
    "no HTTP": Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "a NUL in a header": Reply(raw=HEAD + b"X: a\0b\r\n\r\n"),
    "a switch of protocols": Reply(raw=b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    "a header of 200 kB": Reply(raw=HEAD + b"X: " + b"a" * 200_000 + b"\r\n\r\n"),
    "headers without end": Reply(raw=HEAD, forever=b"X-Some: thing\r\n" * 1000),
}


@pytest.mark.parametrize("fault", UNREADABLE)
async def test_no_answer_is_unreachable(site, fault):
    site.on("/x", UNREADABLE[fault])
    async with site.fetcher() as fetcher:
        with pytest.raises(Unreachable):
            await fetcher.fetch(site.url("/x"))
    assert 1 <= fetcher.requests <= 3


REFUSED = {
    "damaged": gzipped(gzip.compress(b"text")[:-8] + bytes(8)),
    "brotli": page(b"x", headers=["Content-Encoding: br"]),
    "zstd": page(b"x", headers=["Content-Encoding: zstd"]),
    "gzip twice": page(b"x", headers=["Content-Encoding: gzip, gzip"]),
    "500 codings": page(b"x", headers=["Content-Encoding: gzip"] * 500),
    "a bomb": gzipped(bomb(1000)),
    "without end": Reply(raw=HEAD + b"\r\n", forever=b"a" * 100_000),
    "one line of 50 MB": Reply(raw=HEAD + b"Content-Length: 50000000\r\n\r\n", forever=b"a" * 1_000_000),
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_body_beyond_the_bounds_is_refused_at_once(site, fault):
    site.on("/x", REFUSED[fault])
    async with site.fetcher() as fetcher:
        with pytest.raises(BodyRefused):
            await fetcher.fetch(site.url("/x"))
    assert fetcher.requests == 1
    assert fetcher.bytes_received <= 11 * 1024 * 1024


@pytest.mark.parametrize("coding", ["br", "gzip, gzip"])
async def test_an_unknown_coding_is_refused_before_the_body(site, coding):
    raw = HEAD + f"Content-Encoding: {coding}\r\nContent-Length: 9\r\n\r\n".encode()
    site.on("/robots.txt", page(b""))
    site.on("/x", Reply(raw=raw, then="stall"))
    async with site.fetcher() as fetcher:
        with pytest.raises(BodyRefused, match="coded"):
            await fetcher.fetch(site.url("/x"))
    assert fetcher.bytes_received == 0


async def test_many_members_come_whole(site):
    site.on("/x", gzipped(gzip.compress(b"one ") + gzip.compress(b"two")))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/x"))).body == b"one two"


@pytest.mark.parametrize("header", ["X-Some: thing", "Set-Cookie: a=b"])
async def test_thousands_of_headers_are_borne_and_no_cookie_is_kept(site, header):
    site.on("/x", page(b"fine", headers=[header] * 3000))
    async with site.fetcher() as fetcher:
        for _ in range(2):
            assert (await fetcher.fetch(site.url("/x"))).body == b"fine"
    assert "Cookie" not in site.seen[-1].headers


SLOW = {
    "a byte at a time": Reply(raw=HEAD + b"Content-Length: 9999\r\n\r\n", forever=b"a", every=0.02),
    "a header at a time": Reply(raw=HEAD, forever=b"X: y\r\n", every=0.02),
    "early hints without end": Reply(raw=b"", forever=b"HTTP/1.1 103 Early\r\n\r\n", every=0.001),
    "silence": Reply(raw=b"", then="stall"),
    "silence after half": Reply(raw=HEAD + b"Content-Length: 10\r\n\r\nhalf", then="stall"),
}


@pytest.mark.long
async def test_a_slow_answer_ends_with_the_deadline_and_leaves_nothing_open(site):
    site.on("/ok", page(b"fine"))
    async with site.fetcher(Limits(deadline=1.0, attempts=1)) as fetcher:
        await fetcher.fetch(site.url("/ok"))
        before = open_files()
        for fault, reply in SLOW.items():
            site.on("/slow", reply)
            with pytest.raises(Unreachable, match="in time"):
                await fetcher.fetch(site.url("/slow"))
            assert (await fetcher.fetch(site.url("/ok"))).body == b"fine", fault
        for _ in range(100):  # the server's ends of the connections are in this process too
            if open_files() > before:
                await asyncio.sleep(0.02)
        assert open_files() == before


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_closed_port_is_unreachable(site):
    url = site.url("/x")
    fetcher = site.fetcher()
    await site.__aexit__()
    async with fetcher:
        with pytest.raises(Unreachable, match=r"robots\.txt could not be read.*ConnectError"):
            await fetcher.fetch(url)
    assert fetcher.requests == 0
