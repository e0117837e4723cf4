"""Asks a replica as a reader does, and parses what it answers."""

import gzip
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage
from tests.parsers.engines.cases import Reader


class Response:
    """One answer; ``headers`` joins those of one name as HTTP says."""

    def __init__(self, url: str, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.url = url
        self.status = status
        self.headers: dict[str, str] = {}
        for name, value in headers:
            known = self.headers.get(name.lower())
            self.headers[name.lower()] = f"{known}, {value}" if known else value
        self.body = gzip.decompress(body) if body and self.headers.get("content-encoding") == "gzip" else body

    def raw(self, zone: str | None = "Europe/Berlin") -> RawPage:
        """The input of a parser."""
        return RawPage(self.body, self.url, self.headers, ZoneInfo(zone) if zone else None)


def ask(url: str, method: str = "GET", **headers: str) -> Response:
    """One request, without following redirects."""
    parts = urlsplit(url)
    client = HTTPConnection(parts.netloc, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(
            method, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", headers=named
        )
        response = client.getresponse()
        return Response(url, response.status, response.getheaders(), response.read())
    finally:
        client.close()


def walk(url: str, reader: Reader, zone: str | None = "Europe/Berlin") -> list[EnginePage]:
    """The pages from an address on, as each one names the next; each is asked once."""
    pages: list[EnginePage] = []
    pending, seen = [url], {url}
    while pending:
        page = reader(ask(pending.pop(0)).raw(zone))
        assert isinstance(page, EnginePage)
        assert page.unreadable == ()
        pages.append(page)
        fresh = [urljoin(url, following) for following in page.next_urls if following not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    return pages


def comments_of(pages: list[EnginePage]) -> list[EngineComment]:
    """The comments of several pages."""
    return [comment for page in pages for comment in page.comments]
