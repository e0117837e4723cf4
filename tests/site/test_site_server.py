"""The loopback server answers as the site does, and as badly as it is told to."""

import gzip
import re
import socket
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from http.client import HTTPConnection, HTTPResponse, IncompleteRead

import pytest

from tests.site.cases.small import day_of, remark, short_article
from tests.site.faults import cut_body, cut_gzip, instead, redirect, too_many, unavailable
from tests.site.invent import invented_day
from tests.site.model import add_comment
from tests.site.render import article_page, comments_page, encoded, section_page
from tests.site.server import SiteServer

DAY = date(2018, 3, 23)
OLDER = day_of(short_article(7, date(2018, 3, 22)))


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([invented_day(DAY, articles={1: 2, 2: 1}, comments=4), OLDER]) as site:
        site.volatile = False
        yield site


@pytest.fixture
def client(site: SiteServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(site.url.removeprefix("http://").rstrip("/"), timeout=10)
    yield connection
    connection.close()


def _get(client: HTTPConnection, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    client.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = client.getresponse()
    return response, response.read()


@pytest.mark.parametrize(
    ("path", "day", "section"),
    [
        ("/?D=03/23/2018&HC=2&SO=", DAY, 2),
        ("/?D=2018-03-23&HC=2&SO=", DAY, 2),
        ("/index.php?D=03/22/2018&HC=1&SO=", OLDER.day, 1),
        ("/?D=03/22/2018&SO=", OLDER.day, 1),
        ("/?D=03/23/2018&HC=9", DAY, 1),
        ("/?D=yesterday", DAY, 1),
        ("/", DAY, 1),
    ],
)
def test_section_pages(site: SiteServer, client: HTTPConnection, path: str, day: date, section: int) -> None:
    response, body = _get(client, path)
    assert response.status == 200
    assert body == encoded(section_page(site.days[day], section))


def test_article_and_comments_pages_are_found_by_id(site: SiteServer, client: HTTPConnection) -> None:
    assert _get(client, "/poparticle.php?D=2018-03-23&ID=510007&HC=1")[1] == encoded(
        article_page(OLDER, "510007")
    )
    assert _get(client, "/comments.php?D=2018-03-22&ID=510007&HC=1")[1] == encoded(
        comments_page(OLDER, "510007")
    )


def test_unknown_days_and_ids_answer_200_with_an_empty_page(client: HTTPConnection) -> None:
    response, body = _get(client, "/?D=01/02/2003&HC=1&SO=")
    assert response.status == 200
    assert b"Thu 01/02/2003" in body
    assert b"Today: 0 articles and 0 comments" in body
    assert body.endswith(b"</html>")
    for path in ("/poparticle.php?D=2018-03-23&ID=1&HC=1", "/comments.php?D=2018-03-23&ID=1&HC=1"):
        response, body = _get(client, path)
        assert response.status == 200
        assert b"Posted by: " not in body
        assert b"</html>" in body


def test_what_the_site_has_not_is_404(site: SiteServer, client: HTTPConnection) -> None:
    assert _get(client, "/images/pg1.jpg")[0].status == 404
    assert _get(client, "/robots.txt")[0].status == 404
    site.robots = (200, b"User-agent: *\nDisallow: /cgi-bin/\n")
    assert _get(client, "/robots.txt")[1].startswith(b"User-agent")
    assert site.pages_asked == ["/images/pg1.jpg"]


def test_views_clock_and_visitor_change_on_every_fetch(site: SiteServer, client: HTTPConnection) -> None:
    site.volatile = True
    pages = [_get(client, "/")[1] for _ in range(3)]
    for pattern in (rb"\[(\d+) views\]", rb"as of (\S+)\.", rb"<!-- (198\.51\.100\.\d+) -->\n</body>"):
        assert len({tuple(re.findall(pattern, page)) for page in pages}) == 3


def test_a_change_shows_at_once(site: SiteServer, client: HTTPConnection) -> None:
    said = remark(70_000, datetime(2018, 3, 25, 8, 0), "Only just heard of it.")
    site.change(OLDER.day, lambda day: add_comment(day, "510007", said))
    assert b"Only just heard of it." in _get(client, "/?D=2018-03-22")[1]
    site.put(day_of(short_article(9, date(2018, 3, 24))))
    assert b"Sat 03/24/2018" in _get(client, "/")[1]


def test_requests_are_logged(site: SiteServer, client: HTTPConnection) -> None:
    _get(client, "/?D=2018-03-22", User_Agent="sparrow/1")
    [request] = site.requests
    assert (request.path, request.user_agent, request.status) == ("/?D=2018-03-22", "sparrow/1", 200)
    assert request.at > 0
    assert ("User-Agent", "sparrow/1") in request.headers


def test_compression_and_labels_are_settings(site: SiteServer, client: HTTPConnection) -> None:
    site.content_type, site.encoding = "text/html; charset=windows-1252", "cp1252"
    response, body = _get(client, "/", Accept_Encoding="gzip")
    assert response.getheader("Content-Encoding") == "gzip"
    assert response.getheader("Content-Type") == "text/html; charset=windows-1252"
    assert gzip.decompress(body) == encoded(section_page(site.days[DAY], 1), "cp1252")
    site.gzip, site.content_type = False, None
    response, _ = _get(client, "/", Accept_Encoding="gzip")
    assert response.getheader("Content-Encoding") is None
    assert response.getheader("Content-Type") is None


def test_unavailable_twice_in_three(site: SiteServer, client: HTTPConnection) -> None:
    site.faults = [unavailable("HC=2")]
    statuses = [_get(client, "/?HC=2")[0].status for _ in range(6)]
    assert statuses == [503, 503, 200, 503, 503, 200]
    assert _get(client, "/?HC=1")[0].status == 200
    assert [fault.path for fault in site.faults] == ["HC=2"]


def test_too_many_once(site: SiteServer, client: HTTPConnection) -> None:
    site.faults = [too_many(retry_after="7")]
    response, _ = _get(client, "/")
    assert (response.status, response.getheader("Retry-After")) == (429, "7")
    assert _get(client, "/")[0].status == 200


def test_a_cut_body_promises_more_than_it_sends(site: SiteServer, client: HTTPConnection) -> None:
    site.faults = [cut_body()]
    with pytest.raises(IncompleteRead):
        _get(client, "/")
    client.close()
    assert _get(client, "/")[1].endswith(b"</html>")


def test_cut_gzip_is_whole_by_its_length_only(site: SiteServer, client: HTTPConnection) -> None:
    site.faults = [cut_gzip()]
    _, body = _get(client, "/")
    stream = zlib.decompressobj(wbits=31)
    assert stream.decompress(body)
    assert not stream.eof


def test_redirects_and_other_pages(site: SiteServer, client: HTTPConnection) -> None:
    site.faults = [redirect("comments.php", to="http://192.0.2.1/"), instead("HC=1", body=b"Please sign in.")]
    response, _ = _get(client, "/comments.php?ID=510007")
    assert (response.status, response.getheader("Location")) == (302, "http://192.0.2.1/")
    assert _get(client, "/?HC=1")[1] == b"Please sign in."


def test_leaving_ends_open_connections() -> None:
    with SiteServer() as site:
        reader = socket.create_connection(("127.0.0.1", int(site.url[:-1].rpartition(":")[2])), timeout=10)
        reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reader.recv(12) == b"HTTP/1.1 200"
    with reader:
        while chunk := reader.recv(65_536):
            assert chunk
