"""Answers that are cut, walled or made to hurt: an error that names it, never a page with less in it."""

import json

import pytest

from parsers.engines import discourse, wordpress, xenforo
from parsers.engines.raw import RawPage
from parsers.errors import PageBlocked, PageTruncated, ParseError
from tests.parsers.engines.cases import Case, Reader, all_cases

READ = [case for case in all_cases() if case.answer is not None]
JSON = [case for case in READ if case.body.lstrip()[:1] in {b"{", b"["}]
HTML = [case for case in READ if case not in JSON]
READERS = (
    discourse.read_topic,
    discourse.read_lot,
    discourse.read_listing,
    discourse.read_html,
    wordpress.read_posts,
    wordpress.read_comments,
    wordpress.read_site,
    wordpress.read_html,
    xenforo.read_thread,
    xenforo.read_listing,
)
WALL = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Please wait</body></html>"
CUTS = 40


@pytest.mark.parametrize("case", JSON, ids=lambda case: case.name)
def test_json_cut_anywhere_is_an_error(case: Case) -> None:
    body = case.body.rstrip()
    for end in range(1, len(body), max(1, len(body) // CUTS)):
        with pytest.raises(PageTruncated):
            case.read(body[:end])


@pytest.mark.parametrize("case", HTML, ids=lambda case: case.name)
def test_markup_cut_anywhere_is_an_error(case: Case) -> None:
    last = case.body.rindex(b"</html>")
    for end in range(0, last + len("</html"), max(1, last // CUTS)):
        with pytest.raises(ParseError):
            case.read(case.body[:end])


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: f"{reader.__module__}.{reader.__name__}")
def test_a_wall_is_never_an_empty_page(reader: Reader) -> None:
    with pytest.raises(PageBlocked):
        reader(RawPage(WALL, "https://quay.example/"))


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: f"{reader.__module__}.{reader.__name__}")
@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff", b"null", b"[]x", b"{}", b'"text"', b"[[]]", b"[null]", b"<html></html>"]
)
def test_nonsense_is_an_error(reader: Reader, body: bytes) -> None:
    with pytest.raises(ParseError):
        reader(RawPage(body, "https://quay.example/"))


def test_json_nested_without_end_is_an_error() -> None:
    body = b"[" * 200_000 + b"]" * 200_000
    with pytest.raises(ParseError):
        wordpress.read_comments(RawPage(body, "https://barge.example/"))


def test_a_number_of_a_million_digits_is_an_error() -> None:
    body = b'[{"id":' + b"9" * 1_000_000 + b"}]"
    with pytest.raises(ParseError):
        wordpress.read_comments(RawPage(body, "https://barge.example/"))


def test_half_a_sign_and_a_nul_do_not_reach_the_store() -> None:
    (case,) = (case for case in JSON if case.name == "wordpress/rest-thread-without-pretty-addresses")
    records = json.loads(case.body)
    records[0]["author_name"] = "Ann \ud83d\x00Keel"
    comment = case.read(json.dumps(records).encode()).comments[0]
    assert comment.author == "Ann \ufffdKeel"


@pytest.mark.long
def test_a_thousand_replies_of_replies_are_read() -> None:
    depth = 1_000
    openings = "".join(
        f'<li id="comment-{number}" class="comment"><i class="fn">N{number}</i>'
        f'<time datetime="2024-10-08T05:00:00Z">x</time>'
        f'<div class="comment-content"><p>t{number}</p></div><ol>'
        for number in range(1, depth + 1)
    )
    body = f"<html><link href=/wp-content/x.css><ol>{openings}{'</ol></li>' * depth}</ol></html>"
    comments = wordpress.read_html(RawPage(body.encode(), "https://barge.example/a/")).comments
    assert [comment.text for comment in comments] == [f"t{number}" for number in range(1, depth + 1)]
    assert comments[-1].parent_external_id == str(depth - 1)
