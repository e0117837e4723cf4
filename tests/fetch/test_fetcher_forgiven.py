"""Answers that browsers forgive: kept as received, read, and named."""

import gzip
import logging

import pytest

from ingest.archive.warc.http_message import read_answer
from ingest.errors import BodyRefused, Unreachable
from ingest.fetch import Limits
from tests.fetch.faulty_server import Reply, gzipped, moved, page

pytestmark = pytest.mark.anyio

TEXT = b"<html>caf\xc3\xa9</html>"
FORGIVEN = {
    "UTF-8": (page(TEXT, headers=["Content-Encoding: UTF-8"]), "'utf-8' is no content coding"),
    "none": (page(TEXT, headers=["Content-Encoding: none"]), "'none' is no content coding"),
    "a line feed behind": (gzipped(gzip.compress(TEXT) + b"\n"), "other bytes follow the gzip stream"),
    "zeros behind": (gzipped(gzip.compress(TEXT) + b"\0" * 99), "zeros follow the gzip stream"),
    "plain": (gzipped(TEXT), "gzip is announced, and plain bytes are sent"),
}


@pytest.mark.parametrize("fault", FORGIVEN)
async def test_it_is_read_in_one_request_and_named(site, fault, caplog):
    reply, oddity = FORGIVEN[fault]
    site.on("/x", reply)
    async with site.fetcher() as fetcher:
        with caplog.at_level(logging.WARNING, "ingest.fetch"):
            capture = await fetcher.fetch(site.url("/x"))
    assert (capture.body, capture.oddities, fetcher.requests) == (TEXT, (oddity,), 1)
    assert capture.wire_body == reply.raw.partition(b"\r\n\r\n")[2]
    assert oddity in caplog.text
    # The archive's own reader gives the same words for the same bytes.
    assert read_answer(reply.raw).body == TEXT


async def test_identity_is_not_odd(site):
    site.on("/x", page(TEXT, headers=["Content-Encoding: identity"]))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert (capture.body, capture.oddities) == (TEXT, ())


@pytest.mark.parametrize("reply", [page(b"x", headers=["Content-Encoding: br"]), gzipped(b"\x1f\x8bdamaged")])
async def test_what_cannot_pass_is_not_asked_for_again(site, reply):
    site.on("/x", reply)
    async with site.fetcher() as fetcher:
        with pytest.raises(BodyRefused, match=r"coded as 'br'|damaged"):
            await fetcher.fetch(site.url("/x"))
    assert fetcher.requests == 1


async def test_an_empty_body_is_whole_only_if_its_framing_says_so(site):
    site.on("/x", gzipped(b""))
    site.on("/y", Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"))
    async with site.fetcher(Limits(attempts=2)) as fetcher:
        assert (await fetcher.fetch(site.url("/x"))).body == b""
        with pytest.raises(BodyRefused, match="before it begins"):
            await fetcher.fetch(site.url("/y"))


@pytest.mark.parametrize(
    ("sent", "asked"), [(b"/caf\xe9?x=\xff", "/caf%E9?x=%FF"), ("/café".encode(), "/caf%C3%A9")]
)
async def test_a_location_is_asked_for_as_the_bytes_that_were_sent(site, sent, asked):
    site.on("/x", Reply(raw=b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + sent + b"\r\n\r\n"))
    site.on(asked, page(b"here"))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/x"))
    assert capture.url == site.url(asked)
    assert site.pages_seen == ["/x", asked]


async def test_a_location_of_ascii_is_left_as_it_is(site):
    site.on("/x", moved("/a%20b?c=%e9"))
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/x"))
    assert site.pages_seen == ["/x", "/a%20b?c=%e9"]


async def test_too_large_is_not_asked_for_again(site):
    site.on("/x", page(b"x" * 2_000))
    async with site.fetcher(Limits(decoded_bytes=1_000)) as fetcher:
        with pytest.raises((BodyRefused, Unreachable), match="larger"):
            await fetcher.fetch(site.url("/x"))
    assert fetcher.requests == 1
