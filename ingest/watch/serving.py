"""A few pages of our own on 127.0.0.1, for whoever watches the watcher: GET only, and no other Host."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ingest.errors import CouldNotRun
from parsers.errors import ThresherError

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
HOSTS = frozenset({ADDRESS, "localhost"})
"""A page of another site that has its name point to this machine is not answered."""
PATIENCE = 10
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent."""

    body: bytes
    content_type: str = PLAIN
    status: int = HTTPStatus.OK


Pages = Mapping[str, Callable[[], Answer]]
"""By path; called in a thread of its own for every request."""


@contextmanager
def served(port: int, pages: Pages) -> Iterator[int]:
    """The port that the pages are served at for as long as the context; 0 takes one that is free."""
    try:
        server = _Server((ADDRESS, port), _Handler, pages)
    except OSError as error:
        raise CouldNotRun(f"port {port} of {ADDRESS} cannot be had: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="http", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], pages: Pages) -> None:
        self.pages = pages
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the library's
        """A reader that hung up is no event; a fault of a page is."""
        log.debug("an answer to %s failed", client_address, exc_info=sys.exc_info())


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE
    server_version = "thresher"
    sys_version = ""

    def do_GET(self) -> None:
        self._send(self._answer())

    def parse_request(self) -> bool:
        """Whether the request is to be answered by a page; any other method has its answer by then."""
        if not super().parse_request():
            return False
        if self.command != "GET":
            answer = Answer(body=b"GET only\n", status=HTTPStatus.METHOD_NOT_ALLOWED)
            self._send(answer, ("Allow", "GET"))
        return self.command == "GET"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: nobody reads the log of every scrape."""

    def _answer(self) -> Answer:
        if not self._is_ours():
            return Answer(body=b"not this host\n", status=HTTPStatus.FORBIDDEN)
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            return Answer(body=b"no such page\n", status=HTTPStatus.NOT_FOUND)
        try:
            return page()
        except ThresherError as error:
            return Answer(body=f"{error}\n".encode(), status=HTTPStatus.SERVICE_UNAVAILABLE)

    def _is_ours(self) -> bool:
        hosts = self.headers.get_all("Host") or []
        port = f":{self.server.server_port}"
        return len(hosts) == 1 and hosts[0].strip().lower().removesuffix(port) in HOSTS

    def _send(self, answer: Answer, *headers: tuple[str, str]) -> None:
        self.send_response(answer.status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
