"""Fixtures served on loopback."""

import http.client
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ingest.errors import ConfigurationError
from ingest.jobs.packs.fixtures import Fixture
from ingest.jobs.packs.replay import Replay, fullest_day, replies_in, replies_of_day
from parsers.registry import source_named

SOURCE = source_named("rantburg")


def case(url: str, body: bytes = b"page") -> Fixture:
    return Fixture(
        folder=Path("rantburg/case"),
        source="rantburg",
        body=body,
        url=url,
        captured_at=datetime(2018, 4, 14, tzinfo=UTC),
        content_type=None,
        headers={},
        accepted=None,
    )


def section(day: date, number: int, body: bytes = b"page") -> Fixture:
    return case(f"http://www.rantburg.com/?D={day:%m/%d/%Y}&HC={number}", body)


OLD, NEW = date(2018, 4, 14), date(2018, 4, 15)


def test_the_day_with_the_most_pages_is_shown() -> None:
    others = [
        case(""),
        case("http://www.rantburg.com/?HC=1"),
        case("http://www.rantburg.com/poparticle.php?D=2018-04-15&ID=5&HC=1"),
        case("http://elsewhere.example/feed.xml"),
        replace(section(NEW, 4), source="another"),
    ]
    cases = [section(OLD, 1, b"one"), section(OLD, 2, b"two"), section(NEW, 1), *others]
    assert fullest_day(cases, SOURCE) == (OLD, {1: b"one", 2: b"two"})
    assert fullest_day([*cases, section(NEW, 3)], SOURCE)[0] == NEW


def test_fixtures_without_a_section_page() -> None:
    with pytest.raises(ConfigurationError, match="no section page of rantburg"):
        fullest_day([case("")], SOURCE)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/?D=04/14/2018&HC=2&SO=", 200, b"two"),
        ("/?HC=1", 200, b"one"),
        ("/", 200, b"one"),
        ("/?D=04/14/2018&HC=3", 404, b""),
        ("/?D=04/15/2018&HC=1", 404, b""),
        ("/poparticle.php?ID=5", 404, b""),
        ("/robots.txt", 404, b""),
        ("/?HC=%ff", 404, b""),
    ],
)
def test_a_site_of_one_day(path: str, status: int, body: bytes) -> None:
    with Replay(replies_of_day(SOURCE, OLD, {1: b"one", 2: b"two"})) as site:
        connection = http.client.HTTPConnection(urlsplit(site.url).netloc)
        connection.request("GET", path)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (status, body)
        connection.close()


def test_a_site_of_answers_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('{"path": "/wp-json/?a=1", "headers": {"X-WP-Total": "2"}, "body": [1, 2]}\n')
    with Replay(replies_in(file)) as site:
        connection = http.client.HTTPConnection(urlsplit(site.url).netloc)
        connection.request("GET", "/wp-json/?a=1")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["X-WP-Total"], answer.read()) == (200, "2", b"[1, 2]")
        connection.request("GET", "/wp-json/?a=2")
        assert connection.getresponse().status == 404
        connection.close()


@pytest.mark.parametrize("text", [None, "{", '{"path": "/"}', "[]"])
def test_a_file_without_answers(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "answers.jsonl"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigurationError, match="holds no answers"):
        replies_in(file)
