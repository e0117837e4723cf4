"""Our own pages on 127.0.0.1: GET only, and for no other host's name."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from ingest.errors import Busy, CouldNotRun
from ingest.runner.monitoring.http import Reply, served


def broken() -> Reply:
    raise Busy("the database is away")


def bug() -> Reply:
    raise ZeroDivisionError


@pytest.fixture
def port() -> Iterator[int]:
    pages = {"/here": lambda: Reply(body=b"hello"), "/broken": broken, "/bug": bug}
    with served(0, pages) as port:
        yield port


def asked(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_page_is_served_and_what_is_none_is_not(port: int) -> None:
    assert asked(port, "/here") == (200, b"hello")
    assert asked(port, "/here?x=1") == (200, b"hello")
    assert asked(port, "/elsewhere")[0] == 404
    assert asked(port, "http://evil.test/here", Host="localhost")[0] == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost"])
def test_this_machine_is_answered(port: int, host: str) -> None:
    assert asked(port, "/here", Host=f"{host}:{port}")[0] == 200
    assert asked(port, "/here", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "127.0.0.1:1", "127.1", "[::1]", "0.0.0.0", ""],
)
def test_another_name_for_this_machine_is_not_answered(port: int, host: str) -> None:
    assert asked(port, "/here", Host=host) == (403, b"not this host\n")


def test_two_hosts_or_none_are_not_answered(port: int) -> None:
    for headers in (b"", b"Host: localhost\r\nHost: evil.test\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            raw.sendall(b"GET /here HTTP/1.1\r\n" + headers + b"\r\n")
            assert b" 400 " in raw.makefile("rb").readline()


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_nothing_but_get_is_answered(port: int, method: str) -> None:
    assert asked(port, "/here", method)[0] == 405


def test_nonsense_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert b"400" in raw.makefile("rb").read()


def test_a_page_that_cannot_be_made_says_so(port: int) -> None:
    assert asked(port, "/broken") == (503, b"the database is away\n")
    assert asked(port, "/bug") == (500, b"Internal Server Error")
    assert asked(port, "/here")[0] == 200


def test_a_port_that_is_taken_is_told(port: int) -> None:
    with pytest.raises(CouldNotRun, match=f"port {port} of 127.0.0.1 is already in use"), served(port, {}):
        raise AssertionError
