"""A server of the standard library in a thread of its own, and what a replica's server has besides."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Self

from tests.site.faults import Answer


class Serving:
    """A context manager: within it the server answers. Each ``poll`` seconds it sees whether it is to end."""

    def __init__(self, served: BaseServer, poll: float = 0.01) -> None:
        self._served = served
        self._serving = threading.Thread(target=served.serve_forever, args=(poll,), daemon=True)

    def __enter__(self) -> Self:
        self._serving.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._served.shutdown()
        self._serving.join()
        self._served.server_close()


class Listener(ThreadingHTTPServer):
    """A threaded listener that knows its open connections."""

    daemon_threads = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(address, handler)

    def server_close(self) -> None:
        """End the connections that readers keep open as well, so that their threads end."""
        for connection in tuple(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the reader was faster
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    """A connection of a Listener, which says nothing: the replicas keep a log of their own."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Listener

    def setup(self) -> None:
        """Make the connection known."""
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        """Forget it."""
        self.server.open.discard(self.connection)
        super().finish()

    def answered(self) -> Answer:
        """The replica's answer to the request."""
        raise AssertionError("each replica has its own")

    def do_GET(self) -> None:
        """Send the answer."""
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        """Send its head alone."""
        self._send(with_body=False)

    def _send(self, *, with_body: bool) -> None:
        answer = self.answered()
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(answer.length))
        if answer.close:
            self.send_header("Connection", "close")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
