"""Pages of our own, on 127.0.0.1 unless another address is named: Starlette on uvicorn.

port -> listening socket -> uvicorn in a thread -> OwnHostOnly -> Starlette's routes -> a page's Reply

What monitors the scheduler asks by GET alone; an application that is mounted behind these pages, which is
the console, may be sent a form as well.
"""

import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server

from ingest.errors import CouldNotRun
from parsers.errors import ThresherError

ADDRESS = "127.0.0.1"
HOSTS = frozenset({ADDRESS, "localhost"})
"""A page of another site that has its name point to this machine is not answered."""
KEEP_ALIVE = 10
MOST_AT_ONCE = 64
SHUTDOWN_TIMEOUT = 2
PLAIN = "text/plain; charset=utf-8"
NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a page sends."""

    body: bytes
    content_type: str = PLAIN
    status: int = HTTPStatus.OK


Pages = Mapping[str, Callable[[], Reply]]
"""By path; called in a thread of its own for every request."""
Mounted = ASGIApp
"""Answers what none of the pages is."""


@contextmanager
def served(
    port: int,
    pages: Pages,
    *,
    address: str = ADDRESS,
    names: Collection[str] = HOSTS,
    mounted: Mounted | None = None,
) -> Iterator[int]:
    """The port that the pages are served at for as long as the context; 0 takes one that is free.

    ``names`` are the hosts that a request may be for; ``mounted`` answers what none of the pages is.

    Raises:
        CouldNotRun: the port is taken, or may not be used.
    """
    with closing(_listener(address, port)) as listener:
        bound: int = listener.getsockname()[1]
        server = Server(
            Config(
                application(pages, bound, names=names, mounted=mounted),
                lifespan="off",
                ws="none",
                http="h11",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_AT_ONCE,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
        thread.start()
        try:
            yield bound
        finally:
            server.should_exit = True
            thread.join()


def application(
    pages: Pages, port: int, *, names: Collection[str] = HOSTS, mounted: Mounted | None = None
) -> Starlette:
    """The pages as an ASGI application that answers to these names at this port."""
    routes: list[BaseRoute] = [Route(path, _endpoint(page), methods=["GET"]) for path, page in pages.items()]
    if mounted is not None:
        routes.append(Mount("/", mounted))
    methods = ("GET",) if mounted is None else ("GET", "POST")
    own = Middleware(OwnHostOnly, port=port, names=frozenset(names), methods=methods)
    return Starlette(routes=routes, middleware=[own])


class OwnHostOnly:
    """Passes on what is asked of these names in one of these ways, and refuses every other request."""

    def __init__(self, app: ASGIApp, *, port: int, names: frozenset[str], methods: tuple[str, ...]) -> None:
        self._app = app
        self._port = port
        self._names = names
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in self._methods:
            allowed = ", ".join(self._methods)
            refusal = PlainTextResponse(
                f"{allowed} only\n", HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": allowed}
            )
            await refusal(scope, receive, send)
        elif not self._is_ours(Headers(scope=scope).getlist("host")):
            await PlainTextResponse("not this host\n", HTTPStatus.FORBIDDEN)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_ours(self, hosts: list[str]) -> bool:
        # Host: 127.0.0.1:8911
        return len(hosts) == 1 and hosts[0].strip().lower().removesuffix(f":{self._port}") in self._names


def _listener(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family)
    except OSError as error:
        raise CouldNotRun(f"port {port} of {address} is already in use: {error.strerror}") from error


def _endpoint(page: Callable[[], Reply]) -> Callable[[Request], object]:
    async def endpoint(_: Request) -> Response:
        try:
            answer = await run_in_threadpool(page)
        # The database is away: 503 says that to whatever monitors, and the scheduler goes on.
        except ThresherError as error:
            return PlainTextResponse(f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE)
        return Response(answer.body, answer.status, NO_SNIFFING, answer.content_type)

    return endpoint
