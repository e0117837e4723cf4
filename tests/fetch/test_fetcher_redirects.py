"""Redirects: by hand, within scope, a few, and nothing of one request in the next."""

import gzip

import pytest

from ingest.errors import AddressForbidden, FetchError, RobotsForbidden, Unreachable
from tests.fetch.faulty_server import FaultyServer, Reply, bomb, busy, moved, page

pytestmark = pytest.mark.anyio

FORBIDDING = page(b"User-agent: *\nDisallow: /closed")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_the_last_address_is_the_captures(site, status):
    site.on("/old", moved("/new", status))
    site.on("/new", page(b"here"))
    async with site.fetcher() as fetcher:
        capture = await fetcher.fetch(site.url("/old"))
    assert (capture.url, capture.body) == (site.url("/new"), b"here")
    assert fetcher.requests == 2


async def test_five_redirects_are_followed_and_six_are_not(site):
    for hop in range(6):
        site.on(f"/{hop}", moved(f"/{hop + 1}"))
    site.on("/6", page(b"here"))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/1"))).body == b"here"
        with pytest.raises(Unreachable, match="more than 5 redirects"):
            await fetcher.fetch(site.url("/0"))


@pytest.mark.parametrize("location", ["/loop", "/loop?again", "loop#x"])
async def test_a_loop_ends(site, location):
    site.on("/loop", moved(location))
    site.on("/loop?again", moved("/loop"))
    async with site.fetcher() as fetcher:
        with pytest.raises(Unreachable, match="redirects"):
            await fetcher.fetch(site.url("/loop"))
    assert fetcher.requests == 6


HOSTILE = [
    "http://127.0.0.2:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2130706433:{port}/",
    "http://127.1:{port}/",
    "http://0:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://127.0.0.1:22/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:{overflow}/",
    "https://user:hunter2@127.0.0.1:{port}/",
    "//other.test/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://xn--/",
    "http://[::1",
    "http://" + "a" * 70 + ".test/",
    "/" + "a" * 70_000,
    "http://\u2100.test/",
    "//user:hunter2@[bad",
]


@pytest.mark.parametrize("location", HOSTILE, ids=lambda location: location[:40])
async def test_a_hostile_location_is_one_typed_error_and_no_connection(site, clock, location):
    target = location.format(port=site.port, overflow=65_536 + site.port)
    site.on("/x", moved(target))
    async with FaultyServer(clock, "127.0.0.2") as other, site.fetcher() as fetcher:
        with pytest.raises(AddressForbidden) as refused:
            await fetcher.fetch(site.url("/x"))
    assert site.pages_seen == ["/x"]
    assert other.connections == 0
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "location", ["/\xff\xfe", "?", "", "http:", "http:///", "///", "/%zz", "\\\\other.test\\", "/a b"]
)
async def test_an_odd_location_is_followed_or_typed(site, location):
    site.on("/x", moved(location))
    async with site.fetcher() as fetcher:
        try:
            capture = await fetcher.fetch(site.url("/x"))
        except FetchError:
            assert fetcher.requests <= 6
        else:
            assert capture.status == 404
    assert {seen.headers["Host"] for seen in site.seen} == {f"127.0.0.1:{site.port}"}


async def test_a_redirect_to_a_forbidden_path_is_not_followed(site):
    site.on("/robots.txt", FORBIDDING)
    site.on("/open", moved("/closed/1"))
    async with site.fetcher() as fetcher:
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/open"))
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed/2"))
    assert site.pages_seen == ["/open"]


@pytest.mark.parametrize(
    "body", [gzip.compress(b"text"), bomb(100), b"no gzip"], ids=["gzip", "bomb", "plain"]
)
async def test_the_body_of_a_redirect_is_not_read(site, body):
    site.on("/robots.txt", page(b""))
    headers = ["Location: /new", "Content-Encoding: gzip"]
    site.on("/old", page(body, 302, headers))
    site.on("/new", page(b"here"))
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/old"))
    assert fetcher.bytes_received == len(b"here")


async def test_the_endless_body_of_a_redirect_is_not_read(site):
    raw = b"HTTP/1.1 302 Found\r\nLocation: /new\r\n\r\n"
    site.on("/old", Reply(raw=raw, forever=b"a" * 1000))
    site.on("/new", page(b"here"))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/old"))).body == b"here"


async def test_no_cookie_goes_along(site):
    site.on("/old", page(b"", 302, ["Location: /new", "Set-Cookie: session=hunter2; Path=/"]))
    site.on("/new", page(b"here", headers=["Set-Cookie: other=hunter2; Path=/"]))
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/old"))
        await fetcher.fetch(site.url("/new"))
    sent = [name for seen in site.seen for name in seen.headers]
    assert set(sent) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


async def test_a_failure_behind_a_redirect_begins_again(site):
    site.on("/old", moved("/new"))
    site.on("/new", busy(503), page(b"here"))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/old"))).body == b"here"
    assert site.pages_seen == ["/old", "/new", "/old", "/new"]
