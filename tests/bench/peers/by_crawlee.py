"""A Crawlee crawler: ``python -m tests.bench.peers.by_crawlee SITE URL FIRST DAYS DATABASE``."""

import asyncio
import sys
from datetime import date

from crawlee import ConcurrencySettings, Request
from crawlee.crawlers import HttpCrawler, HttpCrawlingContext
from crawlee.storage_clients import MemoryStorageClient

from tests.bench.peers.readers import READERS, Follow
from tests.bench.peers.rows import Database


def _requests(follow: list[Follow]) -> list[str | Request]:
    return [Request.from_url(url, label=kind) for kind, url in follow]


async def crawl(site: str, url: str, first: str, days: str, database: str) -> None:
    """One site's days."""
    reader, rows = READERS[site](), Database(database)
    crawler = HttpCrawler(
        storage_client=MemoryStorageClient(),
        concurrency_settings=ConcurrencySettings(min_concurrency=1, max_concurrency=1, desired_concurrency=1),
        respect_robots_txt_file=True,
        configure_logging=False,
    )

    @crawler.router.default_handler
    async def handle(context: HttpCrawlingContext) -> None:
        body = await context.http_response.read()
        said = reader.read(context.request.label or "", context.request.url, body)
        if said.articles:
            rows.load(said.articles)
        if said.follow:
            await context.add_requests(_requests(said.follow))

    await crawler.run(_requests(reader.start(url, date.fromisoformat(first), int(days))))
    rows.close()


if __name__ == "__main__":
    asyncio.run(crawl(*sys.argv[1:6]))
