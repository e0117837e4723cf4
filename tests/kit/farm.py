"""Many sites on loopback, each at an address of its own, of every kind of software in turn.

with Farm(200, folder) as farm:
    ... thresher --config farm.config harvest --source '*-farm' ...
    assert farm.held(url) == farm.shown
"""

from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import func, select

from ingest.store.database.schema import articles, comments
from tests.kit import rows
from tests.site.engines.discourse.model import small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.server import EngineServer
from tests.site.engines.wordpress.model import small_blog
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.engines.xenforo.model import small_board
from tests.site.engines.xenforo.site import XenForoServer

SIX = datetime(2024, 5, 1, 6, tzinfo=UTC)
SOURCE = """
[sources.{name}]
engine = "{engine}"
base_url = "{url}"
zone = "{zone}"
delay = {delay}
"""
FORUMS = 'forums = ["knots-and-ropes.4"]\n'
KINDS: dict[str, tuple[type[EngineServer[Any]], Any, str]] = {
    "wordpress": (WordPressServer, small_blog, "threads"),
    "discourse": (DiscourseServer, small_forum, "topics"),
    "xenforo": (XenForoServer, small_board, "threads"),
}

LENGTHS = (4, 1, 3)
SHOWN = {"wordpress": (3, 8), "discourse": (3, 5), "xenforo": (3, 5)}
"""The articles and comments of a site: the first post of a topic is the article itself."""


class Farm:
    """A context manager: ``sites`` by the name of their source, and a ``config`` that names them all."""

    def __init__(self, number: int, folder: Path, *, day: datetime = SIX, delay: float = 0.0) -> None:
        self.config = folder / "farm.toml"
        self.sites: dict[str, EngineServer[Any]] = {}
        text = 'contact = "tests@localhost"\n'
        for place, engine in enumerate(islice(cycle(KINDS), number)):
            name = f"{engine}-{place:03}-farm"
            site = self.sites[name] = _site(engine, place, day)
            zone = getattr(site.model, "zone", "UTC")
            text += SOURCE.format(name=name, engine=engine, url=site.url, zone=zone, delay=delay)
            text += FORUMS if engine == "xenforo" else ""
        self.config.write_text(text, "utf-8")
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        for site in self.sites.values():
            self._closing.enter_context(site)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def held(self, url: str) -> dict[str, tuple[int, int]]:
        """How many articles and comments of each source a database holds."""
        with rows.Connected(url) as connection:
            of = select(articles.c.source, func.count()).group_by(articles.c.source)
            kept = dict(connection.execute(of).all())
            joined = of.join_from(comments, articles)
            below = dict(connection.execute(joined).all())
        return {name: (kept.get(name, 0), below.get(name, 0)) for name in self.sites}

    @property
    def shown(self) -> dict[str, tuple[int, int]]:
        """The same as the sites show it."""
        return {name: SHOWN[name.partition("-")[0]] for name in self.sites}


def _site(engine: str, place: int, day: datetime) -> EngineServer[Any]:
    """A small site; the address is its own, so that no other is asked in its turn."""
    kind, model, lengths = KINDS[engine]
    named = type(kind.__name__, (kind,), {"host": f"127.77.{place // 250}.{place % 250 + 1}", "poll": 0.5})
    site: EngineServer[Any] = named(model(**{lengths: LENGTHS, "day": day}))
    return site
