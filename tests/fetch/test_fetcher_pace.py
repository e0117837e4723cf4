"""One host, one connection, one pace: as the server sees it, by a fake clock."""

import asyncio
import itertools

import pytest

from ingest.errors import Unreachable
from tests.fetch.faulty_server import busy, moved, page
from tests.kit.marks import long

pytestmark = pytest.mark.anyio


@pytest.mark.long
async def test_200_pages_keep_their_distance_on_one_connection(site):
    async with site.fetcher(delay=0.25) as fetcher:
        await asyncio.gather(*(fetcher.fetch(site.url(f"/{n}")) for n in range(200)))
    moments = [seen.at for seen in site.seen]
    assert len(moments) == 201
    assert min(later - sooner for sooner, later in itertools.pairwise(moments)) >= 0.25
    assert site.connections == 1


async def test_hops_and_retries_keep_their_distance_too(site):
    site.on("/old", moved("/new"))
    site.on("/new", busy(500), page(b"here"))
    async with site.fetcher(delay=5.0) as fetcher:
        await fetcher.fetch(site.url("/old"))
    assert [seen.at for seen in site.seen] == [0.0, 5.0, 10.0, 15.0, 20.0]


@pytest.mark.parametrize("status", [*long(429), 503])
async def test_a_pause_holds_for_every_page_of_the_host(site, status):
    pages = [f"/{n}" for n in range(300)]
    for path in pages:
        site.on(path, page(b"here"))
    site.on("/0", busy(status, "120"), page(b"here"))
    async with site.fetcher() as fetcher:
        await asyncio.gather(*(fetcher.fetch(site.url(path)) for path in pages))
    before = [seen.path for seen in site.seen if seen.at < 120]
    assert before == ["/robots.txt", "/0"]
    assert len(site.seen) == len(pages) + 2


async def test_after_the_last_attempt_the_host_is_still_left_alone(site, clock):
    site.on("/x", busy(429, "3600"))
    async with site.fetcher() as fetcher:
        with pytest.raises(Unreachable, match="answered 429"):
            await fetcher.fetch(site.url("/x"))
        given_up = clock.monotonic()
        assert given_up == 3600.0
        await fetcher.fetch(site.url("/y"))
    assert site.seen[-1].at == given_up + 3600.0


@pytest.mark.parametrize("value", ["soon", "", "-5", "1.5", "1e9", "99999999999"])
async def test_a_retry_after_that_says_nothing_leaves_it_at_the_backoff(site, clock, value):
    site.on("/x", busy(503, value), page(b"here"))
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/x"))
    assert 0.5 <= site.seen[-1].at <= 1.0


async def test_a_date_is_waited_for(site, clock):
    site.on("/x", busy(503, "Thu, 01 Jan 2026 00:02:00 GMT"), page(b"here"))
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/x"))
    assert site.seen[-1].at == 120.0


async def test_another_status_does_not_pause_the_host(site):
    site.on("/x", busy(500, "120"), page(b"here"))
    async with site.fetcher() as fetcher:
        await fetcher.fetch(site.url("/x"))
    assert site.seen[-1].at <= 1.0


async def test_a_page_that_is_cancelled_leaves_the_gate_open(site):
    async with site.fetcher() as fetcher:
        waiting = asyncio.create_task(fetcher.fetch(site.url("/x")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (await fetcher.fetch(site.url("/y"))).status == 404
