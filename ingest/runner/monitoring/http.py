"""Pages of our own on 127.0.0.1, for whoever monitors the scheduler: Starlette on uvicorn, GET only.

port -> listening socket -> uvicorn in a thread -> OwnHostOnly -> Starlette's routes -> a page's Reply
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
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


@contextmanager
def served(port: int, pages: Pages) -> Iterator[int]:
    """The port that the pages are served at for as long as the context; 0 takes one that is free.

    Raises:
        CouldNotRun: the port is taken, or may not be used.
    """
    with closing(_listener(port)) as listener:
        bound: int = listener.getsockname()[1]
        server = Server(
            Config(
                application(pages, bound),
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


def application(pages: Pages, port: int) -> Starlette:
    """The pages as an ASGI application that answers to this machine's own names at this port."""
    return Starlette(
        routes=[Route(path, _endpoint(page), methods=["GET"]) for path, page in pages.items()],
        middleware=[Middleware(OwnHostOnly, port=port)],
    )


class OwnHostOnly:
    """Passes on a GET for this machine's own name, and refuses every other request."""

    def __init__(self, app: ASGIApp, *, port: int) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "GET":
            refusal = PlainTextResponse("GET only\n", HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET"})
            await refusal(scope, receive, send)
        elif not self._is_ours(Headers(scope=scope).getlist("host")):
            await PlainTextResponse("not this host\n", HTTPStatus.FORBIDDEN)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_ours(self, hosts: list[str]) -> bool:
        return len(hosts) == 1 and hosts[0].strip().lower().removesuffix(f":{self._port}") in HOSTS


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        raise CouldNotRun(f"port {port} of {ADDRESS} is already in use: {error.strerror}") from error


def _endpoint(page: Callable[[], Reply]) -> Callable[[Request], object]:
    async def endpoint(_: Request) -> Response:
        try:
            answer = await run_in_threadpool(page)
        except ThresherError as error:
            return PlainTextResponse(f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE)
        return Response(answer.body, answer.status, NO_SNIFFING, answer.content_type)

    return endpoint
