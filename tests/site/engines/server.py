"""What every replica has: a port, a log, faults, robots.txt, HEAD, gzip, and changes between requests.

with WordPressServer(blog) as site:
    site.faults = [unavailable("page=2")]
    site.after(1, lambda blog: blog.delete(12), path="comments")
    ... harvest site.url ...
    assert site.requests == [...]
"""

import gzip
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.site.engines.faults import HTML, PLAIN, Fault, FaultCount
from tests.site.faults import Answer, whole
from tests.site.serving import Handler, Listener, Serving

Model = TypeVar("Model")
ROBOTS = "/robots.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it was logged; ``at`` is in seconds of ``time.monotonic``."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: its path without escapes, its query in order, its headers by names in lower case."""

    method: str
    raw: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """The last value that the query has for a name, as PHP takes it."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value for a name, as ``name=1,2``, ``name[]=1`` or ``name[0]=1``."""
        values = [value for key, value in self.query if re.fullmatch(rf"{name}(?:\[[0-9]*\])?", key)]
        return tuple(part for value in values for part in value.split(",") if part)


@dataclass(slots=True)
class _Change(Generic[Model]):
    remaining: int
    path: str
    change: Callable[[Model], object]


class EngineServer(Serving, ABC, Generic[Model]):
    """A replica on a loopback port; a context manager. Its settings may be changed while it serves.

    ``robots`` is the answer to ``/robots.txt``, ``gzip`` whether it compresses for readers that accept it.
    ``host`` is its own address on loopback, ``poll`` how often, in seconds, it sees whether it is to end.
    """

    host = "127.0.0.1"
    poll = 0.01

    def __init__(self, model: Model, robots: str) -> None:
        self.model = model
        self.gzip = True
        self.robots: tuple[int, bytes] = (200, robots.encode())
        self.log: list[Request] = []
        self._faults: list[FaultCount] = []
        self._changes: list[_Change[Model]] = []
        self._lock = threading.Lock()
        self._http = _Listener(self)
        super().__init__(self._http, self.poll)

    @abstractmethod
    def page(self, asked: Asked) -> Answer:
        """The site's answer to a request that no fault strikes."""

    @property
    def url(self) -> str:
        """The site's address, for ``base_url``; it ends with a slash."""
        return f"http://{self.host}:{self._http.server_port}/"

    @property
    def requests(self) -> list[str]:
        """The paths with their queries that were asked for so far, in order, ``/robots.txt`` among them."""
        return [request.path for request in self.log]

    @property
    def pages_asked(self) -> list[str]:
        """The same without ``/robots.txt``."""
        return [path for path in self.requests if path != ROBOTS]

    @property
    def faults(self) -> list[Fault]:
        """What goes wrong, the first that strikes a request winning; setting them starts their counts."""
        return [count.fault for count in self._faults]

    @faults.setter
    def faults(self, faults: Iterable[Fault]) -> None:
        self._faults = [FaultCount(fault) for fault in faults]

    def after(self, requests: int, change: Callable[[Model], object], *, path: str = "") -> None:
        """Change the model once this many more requests that match ``path`` were answered; not robots.txt."""
        with self._lock:
            self._changes.append(_Change(requests, path, change))

    def change(self, change: Callable[[Model], object]) -> None:
        """Change the model now, between two requests."""
        with self._lock:
            change(self.model)

    def answer(self, method: str, raw: str, headers: Iterable[tuple[str, str]]) -> Answer:
        """The answer to a request, faults and all; logs it, then does the changes that are due."""
        with self._lock:
            asked = _asked(method, raw, headers)
            answer = self._answer(asked)
            self.log.append(
                Request(
                    at=time.monotonic(), method=method, path=raw, headers=asked.headers, status=answer.status
                )
            )
            if asked.path != ROBOTS:
                self._do_changes(raw)
            return answer

    def _answer(self, asked: Asked) -> Answer:
        fault = next((count.fault for count in self._faults if count.strikes(asked.raw)), None)
        if asked.path == ROBOTS:
            status, body = self.robots
            answer = whole(body, status=status, headers=PLAIN)
        else:
            answer = self.page(asked)
        if fault is not None:
            answer = fault.spoil(answer)
        if (
            self.gzip
            and not answer.close
            and answer.body
            and "gzip" in asked.headers.get("accept-encoding", "")
        ):
            packed = gzip.compress(answer.body, mtime=0)
            headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
            answer = replace(answer, body=packed, length=len(packed), headers=headers)
        return answer

    def _do_changes(self, path: str) -> None:
        for change in self._changes:
            if re.search(change.path, path) is not None:
                change.remaining -= 1
        due = [change for change in self._changes if change.remaining <= 0]
        self._changes = [change for change in self._changes if change.remaining > 0]
        for change in due:
            change.change(self.model)


def html_answer(markup: str, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """A page."""
    return whole(markup.encode(), status=status, headers=(*HTML, *headers))


def moved(to: str, status: int = 301) -> Answer:
    """A redirect."""
    return whole(b"", status=status, headers=(*HTML, ("Location", to)))


def _asked(method: str, raw: str, headers: Iterable[tuple[str, str]]) -> Asked:
    split = urlsplit(raw)
    return Asked(
        method=method,
        raw=raw,
        path=unquote(split.path),
        query=tuple(parse_qsl(split.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in headers},
    )


class _Listener(Listener):
    """Where the one before it listened, if that is free: processes that parse know sites by their address."""

    port = 0

    def __init__(self, site: "EngineServer[Any]") -> None:
        self.site = site
        try:
            super().__init__((site.host, _Listener.port), _Handler)
        except OSError:
            super().__init__((site.host, 0), _Handler)
        _Listener.port = self.server_port


class _Handler(Handler):
    server: _Listener

    def answered(self) -> Answer:
        return self.server.site.answer(self.command, self.path, self.headers.items())
