"""The site on loopback: a changing set of days, served at the site's own addresses.

    with SiteServer(days) as site:
        ... harvest site.url ...
        site.change(day, lambda d: add_comment(d, "510764", comment))
        site.faults = [unavailable("HC=2")]

As on the site, every fetch shows other views, another clock and the visitor's address, unless
``volatile`` is false; an id or a day it does not know answers 200 with an empty page.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from tests.site.faults import Answer, Fault, FaultCount, spoilt, whole
from tests.site.model import Day
from tests.site.render import article_page, comments_page, encoded, section_page
from tests.site.serving import Handler, Listener, Serving

SECTION_PATHS = frozenset({"/", "/index.php"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in; ``at`` is in seconds of ``time.monotonic``."""

    at: float
    path: str
    user_agent: str
    headers: tuple[tuple[str, str], ...]
    status: int


class SiteServer(Serving):
    """The site; a context manager. Its settings may be changed while it serves.

    ``content_type`` is the header's value (None sends none), ``encoding`` the bytes of the pages, ``gzip``
    whether it compresses for readers that accept it, ``robots`` the answer to ``/robots.txt``.
    """

    def __init__(self, days: Iterable[Day] = ()) -> None:
        self.days: dict[date, Day] = {day.day: day for day in days}
        self.volatile = True
        self.gzip = True
        self.encoding = "utf-8"
        self.content_type: str | None = "text/html"
        self.robots: tuple[int, bytes] = (404, b"")
        self.requests: list[Request] = []
        self._faults: list[FaultCount] = []
        self._lock = threading.Lock()
        self._http = _SiteListener(("127.0.0.1", 0), _Handler, self)
        super().__init__(self._http)

    @property
    def url(self) -> str:
        """The site's address, for ``--base-url``."""
        return f"http://127.0.0.1:{self._http.server_port}/"

    @property
    def faults(self) -> list[Fault]:
        """What goes wrong, the first that strikes a request winning."""
        return [count.fault for count in self._faults]

    @faults.setter
    def faults(self, faults: Iterable[Fault]) -> None:
        self._faults = [FaultCount(fault) for fault in faults]

    @property
    def pages_asked(self) -> list[str]:
        """The paths that were asked for so far, without ``/robots.txt``."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def put(self, day: Day) -> None:
        """Serve this day, in place of the one of the same date."""
        with self._lock:
            self.days[day.day] = day

    def change(self, day: date, change: Callable[[Day], Day]) -> Day:
        """Change a day that is served; returns what it is now."""
        with self._lock:
            self.days[day] = change(self.days[day])
            return self.days[day]

    def answer(self, path: str, headers: Iterable[tuple[str, str]]) -> Answer:
        """The answer to a request, faults and all; logs it."""
        with self._lock:
            answer = self._answer(path, _accepts_gzip(headers))
            self.requests.append(_logged(path, headers, answer.status))
            return answer

    def _answer(self, path: str, accepts_gzip: bool) -> Answer:
        fault = next((count.fault for count in self._faults if count.strikes(path)), None)
        if fault is None and path == "/robots.txt":
            status, body = self.robots
            return whole(body, status=status, headers=(("Content-Type", "text/plain"),))
        page = self._page(path)
        headers = (("Content-Type", self.content_type),) if self.content_type is not None else ()
        if fault is not None:
            return spoilt(fault, page or b"", headers)
        if page is None:
            return whole(b"", status=404, headers=headers)
        return whole(page, headers=headers, compress=self.gzip and accepts_gzip)

    def _page(self, path: str) -> bytes | None:
        split = urlsplit(path)
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        asked = _day_in(query.get("D", ""))
        if split.path in SECTION_PATHS:
            day = self._day(asked)
            shown = section_page(self._shown(day), _section_in(query.get("HC", "")))
            return encoded(shown, self.encoding)
        if split.path == "/poparticle.php":
            day = self._day_with(query.get("ID", ""), asked)
            return encoded(article_page(self._shown(day), query.get("ID", "")), self.encoding)
        if split.path == "/comments.php":
            day = self._day_with(query.get("ID", ""), asked)
            return encoded(comments_page(self._shown(day), query.get("ID", "")), self.encoding)
        return None

    def _day(self, asked: date | None) -> Day:
        newest = max(self.days, default=date(2001, 1, 1))
        site = self.days.get(newest, Day(day=newest))
        return self.days.get(asked or newest) or replace(site, day=asked or newest, articles=())

    def _day_with(self, article_id: str, asked: date | None) -> Day:
        """The day of an article; the site knows it by its id, whatever day the address names."""
        for day in self.days.values():
            if any(article.external_id == article_id for article in day.articles):
                return day
        return replace(self._day(asked), articles=())

    def _shown(self, day: Day) -> Day:
        if not self.volatile:
            return day
        fetch = len(self.requests) + 1
        clock = datetime.combine(day.day, day.clock) + timedelta(minutes=fetch)
        return replace(
            day,
            articles=tuple(replace(article, views=article.views + fetch) for article in day.articles),
            clock=clock.time(),
            visitor_ip=f"198.51.100.{fetch % 250 + 1}",
        )


class _SiteListener(Listener):
    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], site: SiteServer
    ) -> None:
        self.site = site
        super().__init__(address, handler)


class _Handler(Handler):
    server: _SiteListener

    def answered(self) -> Answer:
        return self.server.site.answer(self.path, self.headers.items())


def _logged(path: str, headers: Iterable[tuple[str, str]], status: int) -> Request:
    kept = tuple(headers)
    agent = next((value for name, value in kept if name.lower() == "user-agent"), "")
    return Request(at=time.monotonic(), path=path, user_agent=agent, headers=kept, status=status)


def _accepts_gzip(headers: Iterable[tuple[str, str]]) -> bool:
    return any(name.lower() == "accept-encoding" and "gzip" in value for name, value in headers)


def _day_in(text: str) -> date | None:
    month, _, rest = text.partition("/")
    day, _, year = rest.partition("/")
    try:
        return date.fromisoformat(f"{year}-{month}-{day}" if rest else text)
    except ValueError:
        return None


def _section_in(text: str) -> int:
    return int(text) if text in {"1", "2", "3", "4", "5", "6"} else 1
