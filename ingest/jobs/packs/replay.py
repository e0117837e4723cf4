"""Fixtures served over HTTP on loopback, at the source's own addresses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from ingest.errors import ConfigurationError
from ingest.jobs.packs.fixtures import Fixture
from parsers.errors import AddressUnknown
from parsers.source import Source
from parsers.urls import Address

Sections = Mapping[int, bytes]
HTML = {"Content-Type": "text/html"}

POLL = 0.02
"""Seconds until it is seen that the server is to end."""


def fullest_day(fixtures: list[Fixture], source: Source) -> tuple[date, Sections]:
    """The day of which the fixtures hold the most section pages, and those pages.

    Raises:
        ConfigurationError: the fixtures hold no section page of the source.
    """
    days: dict[date, dict[int, bytes]] = {}
    for fixture in fixtures:
        if fixture.source != source.name or not fixture.url:
            continue
        address = _address(source, fixture.url)
        if address is not None and address.day is not None and address.section is not None:
            days.setdefault(address.day, {})[address.section] = fixture.body
    if not days:
        raise ConfigurationError(f"the fixtures hold no section page of {source.name}")
    # Of days with as many pages the newest, so that the choice is always the same.
    return max(days.items(), key=lambda item: (len(item[1]), item[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that is replayed."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)


Replies = Callable[[str], Reply | None]
"""What is served at a path with its query; None is 404."""


def replies_of_day(source: Source, day: date, sections: Sections) -> Replies:
    """The section pages of a day, at each address that means one of them."""

    def reply(path: str) -> Reply | None:
        body = _page(source, day, sections, path)
        return Reply(body=body) if body is not None else None

    return reply


def replies_in(file: Path) -> Replies:
    """The JSON answers in a file: one line each, with path, headers and body.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        replies = {
            line["path"]: Reply(body=json.dumps(line["body"]).encode(), headers=line["headers"])
            for line in lines
        }
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ConfigurationError(f"{file} holds no answers: {exc!r}") from exc
    return replies.get


class Replay:
    """A site on loopback; a context manager. ``url`` is its root."""

    def __init__(self, replies: Replies) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                """Answer, or say 404; a site without robots.txt allows everything."""
                reply = replies(self.path)
                self.send_response(200 if reply is not None else 404)
                answer = reply or Reply(body=b"")
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                """Print nothing: the harvest logs its requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT/``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _page(source: Source, day: date, sections: Sections, path: str) -> bytes | None:
    address = _address(source, path)
    if address is None or address.day not in {None, day}:
        return None
    return sections.get(address.section or 0)


def _address(source: Source, url: str) -> Address | None:
    """What the address of a section page means; None for every other."""
    try:
        address = source.address_of(url)
    except AddressUnknown:
        return None
    return address if address.kind == "section" else None
