"""SQLite and PostgreSQL through the same life: their exports have the same bytes, for every engine.

    another's archive | an edit | backfill, killed twice | an edit and a deletion | harvest | import of
    that archive | everything parsed again | a takedown | export

The clock stands still within a command, so that a run that was killed enters the same moments.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ingest.clock import SystemClock
from tests.cli.conftest import Call
from tests.faults.site import past_days
from tests.jobs.lists.test_resumed import blog, discourse, xenforo
from tests.kit.child import ROOT
from tests.kit.rig import NOON
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.server import EngineServer
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.model import delete_comment, edit_comment
from tests.site.pieces import Text
from tests.site.server import SiteServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

KILLED = """
import os, signal, sys
from datetime import datetime
from ingest.clock import SystemClock
from ingest.cli.main import main
from ingest.store import Store
moment, left = datetime.fromisoformat(sys.argv.pop(1)), int(sys.argv.pop(1))
SystemClock.now = lambda _: moment
transact = Store.transact
def counted(store, work):
    def last(transaction):
        global left
        result, left = work(transaction), left - 1
        if left == 0:
            os.killpg(os.getpid(), signal.SIGKILL)
        return result
    return transact(store, last)
Store.transact = counted
main()
"""
KILLED_AT = (2, 5)
"""Commits: by then the page is in the archive."""
Server = EngineServer[Any] | SiteServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A site, the two days that are harvested, and what is done to these comments."""

    source: str
    server: Server
    settings: str
    days: tuple[date, date]
    noon: datetime
    edit: Callable[[str], None]
    delete: Callable[[str], None]
    comments: tuple[str, ...]


@contextmanager
def of_list(make: Callable[[], EngineServer[Any]], engine: str, more: str, thread: int) -> Iterator[Life]:
    with make() as server:
        where = f'engine = "{engine}"\nbase_url = "{server.url}"\nzone = "Europe/Berlin"\n'
        shown = {"wordpress": "thread", "discourse": "stream", "xenforo": "shown"}[engine]
        yield Life(
            source="mine",
            server=server,
            settings=f"[sources.mine]\n{where}delay = 0\n{more}",
            days=(date(2024, 5, 1), date(2024, 5, 2)),
            noon=datetime(2024, 6, 1, 12, tzinfo=UTC),
            edit=lambda of: server.change(lambda model: model.edit(int(of), f"I never said so, {len(of)}.")),
            delete=lambda of: server.change(lambda model: model.delete(int(of))),
            comments=tuple(str(one.id) for one in getattr(server.model, shown)(thread)[-3:]),
        )


def wordpress() -> WordPressServer:
    server = WordPressServer(blog())
    server.page_cap = 5
    return server


def calm_discourse() -> DiscourseServer:
    server = discourse()
    server.volatile = False  # or its pages say how often it was asked
    return server


@contextmanager
def rantburg() -> Iterator[Life]:
    days = past_days(2, sections=(1, 2, 3, 4))
    with SiteServer(days) as server:
        server.volatile = False
        first = days[0]
        article = max(first.articles, key=lambda one: len(one.comments))

        def edit(of: str) -> None:
            words = (Text(f"I never said so, {len(of)}."),)
            server.change(first.day, lambda day: edit_comment(day, article.external_id, of, words))

        def delete(of: str) -> None:
            server.change(first.day, lambda day: delete_comment(day, article.external_id, of))

        yield Life(
            source="rantburg",
            server=server,
            settings=f'[sources.rantburg]\nbase_url = "{server.url}"\ndelay = 0\n',
            days=(min(one.day for one in days), max(one.day for one in days)),
            noon=NOON,
            edit=edit,
            delete=delete,
            comments=tuple(one.external_id for one in article.comments),
        )


LIVES: dict[str, Callable[[], Any]] = {
    "rantburg": rantburg,
    "wordpress": lambda: of_list(wordpress, "wordpress", "", 103),
    "discourse": lambda: of_list(calm_discourse, "discourse", "", 73),
    "xenforo": lambda: of_list(xenforo, "xenforo", "forums = [4]\n", 303),
}


class Place:
    """A database and an archive of a site."""

    def __init__(self, folder: Path, url: str | None, life: Life, call: Call) -> None:
        folder.mkdir()
        self._config = folder / "thresher.toml"
        self._config.write_text(life.settings)
        self.archive = folder / "archive"
        self._folder = folder
        self._call = call
        where = ("--database", url or str(folder / "held"), "--archive", str(self.archive))
        self._options = ("--config", str(self._config), *where)

    def run(self, *words: object) -> str:
        called = self._call(*self._options, *words)
        assert called.code == 0, (words, called.out, called.err)
        return called.out

    def killed(self, at: datetime, commits: int, *words: object) -> None:
        command = [
            sys.executable,
            "-c",
            KILLED,
            at.isoformat(),
            str(commits),
            *self._options,
            *map(str, words),
        ]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True, check=False
        )
        assert done.returncode == -signal.SIGKILL

    def exported(self) -> dict[str, str]:
        made = {}
        for table in ("articles", "comments", "versions"):
            file = self._folder / f"{table}.jsonl"
            self.run("export", table, "--out", file)
            made[table] = sha256(file.read_bytes()).hexdigest()
        return made


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=pytest.mark.full if name in {"wordpress", "xenforo"} else ())
        for name in LIVES
    ],
)
def test_both_databases_export_the_same(
    engine: str,
    new_postgresql: Callable[[], str],
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with LIVES[engine]() as life:
        clock = life.noon

        def later() -> datetime:
            nonlocal clock
            clock += timedelta(hours=1)
            return clock

        monkeypatch.setattr(SystemClock, "now", lambda _: clock)
        window = ("backfill", life.source, "--since", life.days[0], "--until", life.days[1])
        theirs = Place(tmp_path / "theirs", None, life, call)
        theirs.run(*window)
        places = [
            Place(tmp_path / "sqlite", None, life, call),
            Place(tmp_path / "postgresql", new_postgresql(), life, call),
        ]
        first, second, third, *_ = life.comments
        life.edit(first)
        later()
        for place in places:
            for commits in KILLED_AT:
                place.killed(clock, commits, *window)
            place.run(*window)
        life.edit(second)
        life.delete(third)
        later()
        for place in places:
            place.run("harvest", life.source, "--date", life.days[0], "--date", life.days[1], "--full")
        later()
        for place in places:
            place.run("archive", "import", *sorted(theirs.archive.glob("*.warc.gz")))
        later()
        for place in places:
            place.run("reparse", life.source, "--all", "--workers", "1")
        later()
        for place in places:
            place.run("forget", second, "--source", life.source, "--kind", "comment", "--reason", "law")
        exports = [place.exported() for place in places]
        assert exports[0] == exports[1]
        held = (tmp_path / "sqlite" / "comments.jsonl").read_text("utf-8")
        assert "I never said so" in held
        assert f'"{second}"' not in held
        assert (tmp_path / "sqlite" / "versions.jsonl").read_text("utf-8").count("\n") > 0
