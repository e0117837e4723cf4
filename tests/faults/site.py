"""The site as the harness needs it: slow if told, every request's arrival and end on record."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from tests.kit.rig import DAY
from tests.site.faults import Answer
from tests.site.invent import invented_day
from tests.site.model import Day
from tests.site.server import SiteServer

SECTIONS = (1, 2, 3, 4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A request by the server's own clock, in seconds; ``port`` is that of the reader's connection."""

    path: str
    came: float
    answered: float
    status: int


class WatchedSite(SiteServer):
    """Answers each request ``pause`` seconds late, and remembers when it came and when it was answered."""

    def __init__(self, days: Iterable[Day] = (), *, pause: float = 0.0) -> None:
        super().__init__(days)
        self.pause = pause
        self.visited: list[Visited] = []
        self.most_at_once = self.arrived = 0
        self._at_once = 0
        self._counting = threading.Lock()
        # Readers that are killed break their connections off: that is no news.
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]

    def answer(self, path: str, headers: Iterable[tuple[str, str]]) -> Answer:
        came = time.monotonic()
        with self._counting:
            self.arrived += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(self.pause)
        answer = super().answer(path, headers)
        with self._counting:
            self._at_once -= 1
            visit = Visited(path=path, came=came, answered=time.monotonic(), status=answer.status)
            self.visited.append(visit)
        return answer

    @property
    def struck(self) -> bool:
        """Whether any of its faults has struck."""
        return any(count.struck for count in self._faults)


def shortest_gap(*sites: WatchedSite) -> float:
    """Seconds from the answer to one request to the arrival of the next, the least of all."""
    visits = sorted((visit for site in sites for visit in site.visited), key=lambda visit: visit.came)
    return min(later.came - earlier.answered for earlier, later in pairwise(visits))


def past_days(count: int, *, sections: Iterable[int] = SECTIONS, comments: int = 6) -> list[Day]:
    """So many days before the rig's own, newest first; each has an article in each of the sections."""
    return [
        invented_day(
            before(ago),
            articles=dict.fromkeys(sections, 1),
            comments=comments,
            first_article=600_000 + 100 * ago,
            first_comment=5_000_000 + 1_000 * ago,
        )
        for ago in range(1, count + 1)
    ]


def before(ago: int) -> date:
    """The day so many days before the rig's own."""
    return DAY - timedelta(days=ago)
