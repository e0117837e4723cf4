"""robots.txt as the site gives it, or fails to."""

import asyncio
import gzip
import itertools
from datetime import timedelta

import pytest

from ingest.errors import RobotsForbidden, Unreachable
from ingest.fetch import Limits, Scope
from ingest.fetch.http.transport import GuardedBackend, GuardedTransport
from ingest.fetch.politeness import MOST_BYTES
from ingest.records.robots import RobotsAnswer
from tests.fetch.faulty_server import Reply, bomb, busy, gzipped, moved, page

pytestmark = pytest.mark.anyio

FORBIDDING = page(b"User-agent: *\nDisallow: /closed\nCrawl-delay: 7")
DAY = 24 * 3600.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_no_robots_txt_allows_everything(site, status):
    site.on("/robots.txt", page(b"User-agent: *\nDisallow: /", status))
    site.on("/x", page(b"here"))
    async with site.fetcher() as fetcher:
        for _ in range(3):
            assert (await fetcher.fetch(site.url("/x"))).body == b"here"
    assert (fetcher.robots_requests, fetcher.requests) == (1, 3)


async def test_what_it_forbids_is_not_asked_for(site):
    site.on("/robots.txt", FORBIDDING)
    async with site.fetcher() as fetcher:
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
        await fetcher.fetch(site.url("/open"))
    assert site.pages_seen == ["/open"]


FAILING = {
    "500": busy(500),
    "503": busy(503),
    "429": busy(429, "10"),
    "reset": Reply(raw=b"", then="reset"),
    "stall": Reply(raw=b"", then="stall"),
    "cut": Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nUser-agent: *"),
    "brotli": page(b"x", headers=["Content-Encoding: br"]),
    "a loop": moved("/robots.txt"),
    "a redirect out of scope": moved("http://other.test/robots.txt"),
}


@pytest.mark.parametrize("fault", FAILING)
async def test_a_robots_txt_that_cannot_be_read_is_a_full_stop(site, clock, fault):
    site.on("/robots.txt", FAILING[fault])
    async with site.fetcher(Limits(deadline=0.3, attempts=2)) as fetcher:
        for path in ("/x", "/y", "/z"):
            with pytest.raises(Unreachable, match=r"robots\.txt could not be read"):
                await fetcher.fetch(site.url(path))
        asked = fetcher.robots_requests
        assert asked <= 6
        clock.advance(299)
        with pytest.raises(Unreachable):
            await fetcher.fetch(site.url("/x"))
        assert fetcher.robots_requests == asked
        clock.advance(1)
        site.on("/robots.txt", FORBIDDING)
        await fetcher.fetch(site.url("/x"))
    assert site.pages_seen == ["/x"]
    assert fetcher.requests == 1


ABSENT = {
    "an empty gzip body": gzipped(b"", 404),
    "a coding that was not asked for": page(b"x", 404, headers=["Content-Encoding: br"]),
    "12 MB": page(b"x" * 12_000_000, 404),
    "cut short": Reply(raw=b"HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\nUser-agent: *"),
    "damaged gzip": gzipped(b"\x1f\x8bdamaged", 403),
}


@pytest.mark.parametrize("fault", ABSENT)
async def test_the_status_comes_before_the_body(site, fault):
    site.on("/robots.txt", ABSENT[fault])
    site.on("/x", page(b"here"))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/x"))).body == b"here"
    assert (fetcher.robots_requests, fetcher.requests) == (1, 1)


RULES = b"User-agent: *\nDisallow: /closed\n"
LONG = {
    "plain": page(RULES + b"# words\n" * 1_500_000),
    "gzip": gzipped(gzip.compress(RULES + b"# words\n" * 1_500_000)),
    "a bomb": gzipped(gzip.compress(RULES) + bomb(1000)),
    "announced as gzip": gzipped(RULES),
    "a coding nobody knows": page(RULES, headers=["Content-Encoding: UTF-8"]),
}


@pytest.mark.parametrize("kind", LONG)
async def test_the_first_500_kib_of_a_200_count(site, kind):
    site.on("/robots.txt", LONG[kind])
    async with site.fetcher() as fetcher:
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
        await fetcher.fetch(site.url("/open"))
    assert fetcher.robots_requests == 1


@pytest.mark.parametrize("failure", ["no such name", "slow"])
async def test_a_name_that_does_not_resolve_is_unreachable(site, failure):
    async def lookup(host, port):
        if failure == "slow":
            await asyncio.sleep(60)
        raise OSError("no such name")

    backend = GuardedBackend(Scope(hosts=(), base_url=site.url()), lookup)
    limits = Limits(connect=0.05, attempts=2)
    async with site.fetcher(limits, transport=GuardedTransport(backend)) as fetcher:
        with pytest.raises(Unreachable, match=r"cannot be resolved|in time"):
            await fetcher.fetch(site.url("/x"))
    assert (site.connections, fetcher.requests) == (0, 0)


async def test_a_private_address_that_nobody_named_is_forbidden(site):
    async def lookup(host, port):
        return ["10.0.0.1"]

    backend = GuardedBackend(Scope(hosts=("127.0.0.1",)), lookup)
    async with site.fetcher(transport=GuardedTransport(backend)) as fetcher:
        with pytest.raises(Unreachable, match=r"has the address 10\.0\.0\.1, which is not public"):
            await fetcher.fetch(site.url("/x"))
    assert (site.connections, fetcher.requests) == (0, 0)


async def test_its_redirects_are_followed_and_its_rules_are_the_first_hosts(site):
    for hop in range(5):
        site.on("/robots.txt" if hop == 0 else f"/{hop}", moved(f"/{hop + 1}"))
    site.on("/5", FORBIDDING)
    async with site.fetcher() as fetcher:
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
    assert (fetcher.robots_requests, fetcher.requests) == (6, 0)


async def test_a_large_one_and_a_page_in_its_place_are_read(site):
    site.on("/robots.txt", page(b"User-agent: *\nDisallow: /closed\n" + b"# words\n" * 75_000))
    async with site.fetcher() as fetcher:
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
    site.on("/robots.txt", page(b"<!DOCTYPE html><title>Not here</title>"))
    async with site.fetcher() as fetcher:
        assert (await fetcher.fetch(site.url("/closed"))).status == 404


async def test_it_is_asked_again_after_a_day_and_old_rules_are_kept_for_30(site, clock):
    site.on("/robots.txt", page(b"User-agent: *\nDisallow: /closed"), busy(503))
    async with site.fetcher(Limits(attempts=1)) as fetcher:
        await fetcher.fetch(site.url("/x"))
        clock.advance(DAY - 1)
        await fetcher.fetch(site.url("/x"))
        assert fetcher.robots_requests == 1
        for days in (1, 27):
            clock.advance(days * DAY)
            with pytest.raises(RobotsForbidden):
                await fetcher.fetch(site.url("/closed"))
        assert fetcher.robots_requests == 3
        clock.advance(2 * DAY)
        with pytest.raises(Unreachable, match="answered 503"):
            await fetcher.fetch(site.url("/x"))
    assert fetcher.requests == 2


async def test_many_pages_ask_for_it_once(site):
    async with site.fetcher() as fetcher:
        await asyncio.gather(*(fetcher.fetch(site.url(f"/{n}")) for n in range(20)))
    assert (fetcher.robots_requests, fetcher.requests) == (1, 20)


@pytest.mark.parametrize(("delay", "gap"), [(1.0, 7.0), (9.0, 9.0)])
async def test_the_longest_delay_counts(site, delay, gap):
    site.on("/robots.txt", FORBIDDING)
    async with site.fetcher(delay=delay) as fetcher:
        for _ in range(3):
            await fetcher.fetch(site.url("/x"))
    moments = [seen.at for seen in site.seen]
    assert [later - sooner for sooner, later in itertools.pairwise(moments)] == [gap] * 3


class Kept(dict[str, RobotsAnswer]):
    """What the database is to processes that follow one another."""

    def last(self, origin: str) -> RobotsAnswer | None:
        return self.get(origin)

    def keep(self, origin: str, answer: RobotsAnswer) -> None:
        self[origin] = answer


def origin_of(site):
    return site.url().rstrip("/")


@pytest.mark.parametrize("status", [200, 204, 404, 403, 410])
async def test_the_next_process_does_not_ask_within_a_day(site, clock, status):
    kept = Kept()
    site.on("/robots.txt", page(RULES, status) if status != 204 else Reply(raw=b"HTTP/1.1 204 No\r\n\r\n"))
    for hours, asked in ((0, 1), (23.9, 0), (0.2, 1), (1, 0)):
        clock.advance(hours * 3600)
        async with site.fetcher(robots=kept) as fetcher:
            await fetcher.fetch(site.url("/open"))
            assert fetcher.robots_requests == asked
    assert list(kept) == [origin_of(site)]
    assert kept[origin_of(site)].body == (RULES if status == 200 else b"")


async def test_what_is_kept_forbids_and_delays(site):
    kept = Kept()
    site.on("/robots.txt", FORBIDDING)
    async with site.fetcher(robots=kept) as fetcher:
        await fetcher.fetch(site.url("/open"))
    site.on("/robots.txt", page(b""))
    async with site.fetcher(robots=kept) as fetcher:
        assert not await fetcher.may_fetch(site.url("/closed"))
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
        for _ in range(2):
            await fetcher.fetch(site.url("/open"))
    assert fetcher.robots_requests == 0
    assert site.seen[-1].at - site.seen[-2].at == 7.0


@pytest.mark.parametrize("fault", FAILING)
async def test_an_error_is_not_kept(site, fault):
    kept = Kept()
    site.on("/robots.txt", FAILING[fault])
    async with site.fetcher(Limits(deadline=0.3, attempts=1), robots=kept) as fetcher:
        with pytest.raises(Unreachable):
            await fetcher.fetch(site.url("/x"))
    assert kept == {}
    site.on("/robots.txt", page(b""))
    async with site.fetcher(robots=kept) as fetcher:
        await fetcher.fetch(site.url("/x"))
    assert fetcher.robots_requests == 1


async def test_rules_kept_for_30_days_stand_in_where_a_later_process_cannot_read_it(site, clock):
    kept = Kept()
    site.on("/robots.txt", page(RULES), busy(503))
    async with site.fetcher(robots=kept) as fetcher:
        await fetcher.fetch(site.url("/open"))
    before = dict(kept)
    clock.advance(29 * DAY)
    async with site.fetcher(Limits(attempts=1), robots=kept) as fetcher:
        await fetcher.fetch(site.url("/open"))
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
    assert (fetcher.robots_requests, kept) == (1, before)
    clock.advance(DAY)
    async with site.fetcher(Limits(attempts=1), robots=kept) as fetcher:
        with pytest.raises(Unreachable, match="answered 503"):
            await fetcher.fetch(site.url("/open"))


async def test_a_process_that_lasts_takes_what_another_was_told(site, clock):
    kept = Kept()
    site.on("/robots.txt", page(b""))
    async with site.fetcher(robots=kept) as lasting:
        await lasting.fetch(site.url("/closed"))
        clock.advance(DAY)
        site.on("/robots.txt", page(RULES))
        async with site.fetcher(robots=kept) as another:
            await another.fetch(site.url("/open"))
        with pytest.raises(RobotsForbidden):
            await lasting.fetch(site.url("/closed"))
    assert (lasting.robots_requests, another.robots_requests) == (1, 1)


@pytest.mark.parametrize(("status", "ahead"), [(500, 0), (429, 0), (302, 0), (-1, 0), (200, 1)])
async def test_what_is_kept_and_gives_no_rules_or_is_of_the_future_is_asked_for(site, clock, status, ahead):
    asked_at = clock.now() + timedelta(seconds=ahead)
    kept = Kept({origin_of(site): RobotsAnswer(status=status, body=RULES, asked_at=asked_at)})
    site.on("/robots.txt", page(b""))
    async with site.fetcher(robots=kept) as fetcher:
        await fetcher.fetch(site.url("/closed"))
    assert fetcher.robots_requests == 1
    assert kept[origin_of(site)].status == 200


HOSTILE = {
    "too long": RULES + b"# words\n" * 2_000_000 + b"User-agent: thresher\nAllow: /\n",
    "no text": RULES + bytes(range(256)) * 50,
    "a line without an end": RULES + b"Allow: /" + b"a" * 600_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_what_is_kept_is_read_as_if_the_host_had_sent_it(site, clock, kind):
    stored = RobotsAnswer(status=200, body=HOSTILE[kind], asked_at=clock.now())
    async with site.fetcher(robots=Kept({origin_of(site): stored})) as fetcher:
        with pytest.raises(RobotsForbidden):
            await fetcher.fetch(site.url("/closed"))
        await fetcher.fetch(site.url("/open"))
    assert fetcher.robots_requests == 0


async def test_no_more_is_kept_than_counts(site):
    kept = Kept()
    site.on("/robots.txt", page(RULES + b"# words\n" * 200_000))
    async with site.fetcher(robots=kept) as fetcher:
        await fetcher.fetch(site.url("/open"))
    assert len(kept[origin_of(site)].body) <= MOST_BYTES + 1
