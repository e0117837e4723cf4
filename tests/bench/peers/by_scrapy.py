"""A Scrapy spider: ``python -m tests.bench.peers.by_scrapy SITE URL FIRST DAYS DATABASE``."""

import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from tests.bench.peers.readers import READERS, Follow, Read
from tests.bench.peers.rows import Database

SETTINGS = {
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "ERROR",
    "ITEM_PIPELINES": {"tests.bench.peers.by_scrapy.IntoSqlite": 300},
}


class IntoSqlite:
    """Loads what a page said."""

    def __init__(self, path: str) -> None:
        self._database = Database(path)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "IntoSqlite":
        """Scrapy's way to hand over a setting."""
        return cls(crawler.settings["DATABASE"])

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """One page."""
        self._database.load(item["articles"])
        return item

    def close_spider(self) -> None:
        """The end."""
        self._database.close()


class SiteSpider(scrapy.Spider):
    """One site's days."""

    name = "site"

    def __init__(self, site: str, url: str, first: str, days: str) -> None:
        super().__init__()
        self._reader = READERS[site]()
        self._start = self._reader.start(url, date.fromisoformat(first), int(days))

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """The first addresses."""
        for request in self._requests(self._start):
            yield request

    def parse(self, response: Response, kind: str) -> Iterator[Any]:
        """A page's rows, and what follows of it."""
        said: Read = self._reader.read(kind, response.url, response.body)
        if said.articles:
            yield {"articles": said.articles}
        yield from self._requests(said.follow)

    def _requests(self, follow: list[Follow]) -> Iterator[scrapy.Request]:
        for kind, url in follow:
            yield scrapy.Request(url, self.parse, cb_kwargs={"kind": kind})


def main(site: str, url: str, first: str, days: str, database: str, **more: Any) -> None:
    """Crawl."""
    process = CrawlerProcess({**SETTINGS, "DATABASE": database, **more})
    process.crawl(SiteSpider, site=site, url=url, first=first, days=days)
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:6])
