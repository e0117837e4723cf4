"""What the console does besides showing: parse a page of the quarantine again, fetch what a day lacks again.

Each is what the command of that name does, with the same locks and a row among the runs. They are done one
after another in a thread; the pages show how the last ones ended.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Literal

from ingest.clock import Clock
from ingest.jobs.repair import Repair, repair
from ingest.jobs.reparse import Reparse, reparse
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import Workspace
from ingest.settings import Settings
from ingest.store import Store
from parsers.errors import ThresherError
from parsers.registry import source_named
from parsers.source import Source

log = logging.getLogger(__name__)

MOST = 5
"""Actions that are remembered; and as many may wait."""

SHUTDOWN_TIMEOUT = 4.5
"""Seconds that the page in hand has to come to its end; the next run sees to what is left."""

State = Literal["waiting", "running", "complete", "incomplete", "failed"]
UNDER_WAY = frozenset({"waiting", "running"})


class TooMuch(ThresherError):
    """So much is waiting to be done that nothing more is taken on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that was asked for, and how it stands with it; ``error`` says why it failed."""

    number: int
    what: str
    state: State = "waiting"
    error: str | None = None


class Actions:
    """Does one action after another. ``done`` is called behind each of them."""

    def __init__(self, settings: Settings, clock: Clock, done: Callable[[], None] = lambda: None) -> None:
        self._settings = settings
        self._clock = clock
        self._done = done
        self._actions: deque[Action] = deque(maxlen=MOST)
        self._waiting: SimpleQueue[tuple[Action, Callable[[Store], str]] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="console", daemon=True)
        self._stop: Stop | None = None
        self._number = 0
        self._lock = Lock()
        self._closed = False

    @property
    def newest(self) -> tuple[Action, ...]:
        """The last actions, the newest first."""
        return tuple(reversed(self._actions))

    def retry(self, source: str, capture_id: int) -> None:
        """Parse a kept page again, behind what waits already. Raises TooMuch."""
        wanted = Reparse(source=source_named(source), only=frozenset({capture_id}))

        def work(store: Store) -> str:
            workspace = self._workspace(store)
            return reparse(wanted, workspace, workers=1, progress=lambda *_: None).run_outcome

        self._begin(f"parse capture {capture_id} of {source} again", work)

    def repair(self, source: str, day: date) -> None:
        """Fetch again what is short or failed of a day, behind what waits already. Raises TooMuch."""
        wanted = Repair(source=source_named(source), since=day, until=day)
        self._begin(
            f"repair {source}, {day}", lambda store: asyncio.run(self._repaired(store, wanted, wanted.source))
        )

    def close(self) -> None:
        """Begin nothing more, and end what is being done at the next page."""
        self._closed = True
        if self._stop is not None:
            # A flag: the action's event loop is another thread's.
            self._stop.asked = True
        # The thread may be waiting for its next action.
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(SHUTDOWN_TIMEOUT)

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None and not self._closed:
            self._do(*waiting)

    async def _repaired(self, store: Store, wanted: Repair, source: Source) -> str:
        self._stop = stop = Stop()
        chosen = self._settings.source(source.name)
        report = await repair(wanted, self._workspace(store, stop), chosen=chosen, progress=lambda _: None)
        return report.run_outcome

    def _workspace(self, store: Store, stop: Stop | None = None) -> Workspace:
        return Workspace(settings=self._settings, store=store, clock=self._clock, stop=stop)

    def _begin(self, what: str, work: Callable[[Store], str]) -> None:
        with self._lock:
            if self._closed or sum(one.state in UNDER_WAY for one in self._actions) >= MOST:
                raise TooMuch("so much is waiting already: look again in a while")
            self._number += 1
            action = Action(number=self._number, what=what)
            self._actions.append(action)
            # With the first action: most consoles only show.
            if not self._thread.is_alive():
                self._thread.start()
        self._waiting.put((action, work))

    def _do(self, action: Action, work: Callable[[Store], str]) -> None:
        self._put(replace(action, state="running"))
        try:
            with Store.open(self._settings.database, upgrade=False, make=False) as store:
                outcome = work(store)
        except ThresherError as error:
            self._put(replace(action, state="failed", error=str(error)))
        except Exception:
            log.exception("%s", action.what)
            self._put(replace(action, state="failed", error="a bug in thresher: see the log"))
        else:
            self._put(replace(action, state="complete" if outcome == "complete" else "incomplete"))
        self._done()

    def _put(self, action: Action) -> None:
        for place, one in enumerate(self._actions):
            if one.number == action.number:
                self._actions[place] = action
