"""Counts, addresses and the input of the engines' parsers."""

import pytest

from parsers.engines.counts import Count, count_within, read_count
from parsers.engines.discourse.addresses import lots, next_listing, topic_id_of, topic_url
from parsers.engines.raw import RawPage
from parsers.engines.tree import absolute
from parsers.engines.wordpress import read_html
from parsers.engines.wordpress.comment_pages import comment_page_of
from parsers.engines.xenforo.addresses import member_id_of, thread_id_of
from parsers.engines.xenforo.post import post_number
from parsers.errors import FieldMalformed, FieldMissing, PageUnrecognised
from parsers.json import as_object, loads, objects_within, read_json


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1234", Count(1234, exact=True)),
        ("1,234,567", Count(1_234_567, exact=True)),
        ("1.234", Count(1234, exact=True)),
        ("1 234", Count(1234, exact=True)),
        ("1\u202f234", Count(1234, exact=True)),
        ("1'234", Count(1234, exact=True)),
        ("\u0661\u0662\u066c\u0663\u0664\u0665", Count(12_345, exact=True)),
        ("1.2K", Count(1200, exact=False)),
        ("12K", Count(12_000, exact=False)),
        ("3,5 Tsd.", Count(3500, exact=False)),
        ("2M", Count(2_000_000, exact=False)),
        ("1,23", None),
        ("12 replies", None),
        ("-", None),
        ("", None),
    ],
)
def test_count(text: str, count: Count | None) -> None:
    assert read_count(text) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 thoughts on 3 barges", (Count(12, exact=True), "12")),
        ("Comments (1,024)", (Count(1024, exact=True), "1,024")),
        ("1.2K Comments", (Count(1200, exact=False), "1.2K")),
        ("Leave a reply", None),
        ("web2 talk", None),
    ],
)
def test_count_among_words(text: str, found: tuple[Count, str] | None) -> None:
    assert count_within(text) == found


@pytest.mark.parametrize(
    ("url", "topic_id"),
    [
        ("https://quay.example/t/77.json", "77"),
        ("https://quay.example/t/77", "77"),
        ("https://quay.example/t/a-slug/77?page=2", "77"),
        ("https://quay.example/t/-/77.json", "77"),
        ("https://quay.example/t/a-slug/77/5", "77"),
        ("https://quay.example/forum/t/77/posts.json?post_ids[]=5", "77"),
        ("https://quay.example/t/2024-review/77", "77"),
        ("https://quay.example/latest.json", None),
    ],
)
def test_topic_address(url: str, topic_id: str | None) -> None:
    assert topic_id_of(url) == topic_id


def test_addresses_of_lots_keep_the_folder() -> None:
    assert lots("https://quay.example/forum/t/77.json", "77", ["1", "2"]) == (
        "https://quay.example/forum/t/77/posts.json?post_ids[]=1&post_ids[]=2",
    )
    assert topic_url("https://quay.example/latest.json", "77") == "https://quay.example/t/77"
    assert next_listing("https://quay.example/latest.json", "/latest.json?page=2") == (
        "https://quay.example/latest.json?page=2"
    )


@pytest.mark.parametrize(
    ("url", "thread_id"),
    [
        ("https://slip.example/threads/knots.310/", "310"),
        ("https://slip.example/community/threads/310/page-2", "310"),
        ("https://slip.example/index.php?threads/knots.v2.310/", "310"),
        ("https://slip.example/forums/ropes.4/", None),
    ],
)
def test_thread_address(url: str, thread_id: str | None) -> None:
    assert thread_id_of(url) == thread_id


def test_member_address() -> None:
    assert member_id_of("members/reef.knot.8/") == "8"
    assert member_id_of("/community/members/8/") == "8"
    assert member_id_of("index.php?members/reef.8/") == "8"
    assert member_id_of("/help/") is None


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (["", "#1"], 1),
        (["#6", ""], 6),
        (["#1,234"], 1234),
        (["#1 234"], 1234),
        (["Post #7 of 12"], 7),
        (["#9", "Share"], 9),
        (["#"], None),
        ([], None),
        (["#1,23"], None),
    ],
)
def test_post_number(texts: list[str], number: int | None) -> None:
    assert post_number(texts) == number


def test_comment_page_address() -> None:
    assert comment_page_of("https://barge.example/a/comment-page-12/") == 12
    assert comment_page_of("https://barge.example/a/comment-page-12") == 12
    assert comment_page_of("https://barge.example/?p=4&cpage=3") == 3
    assert comment_page_of("https://barge.example/comment-page-old/") is None
    assert comment_page_of("http://[::1/comment-page-3/") is None


def test_links_that_are_no_addresses() -> None:
    assert absolute("https://barge.example/a/", "http://[::1") is None
    assert absolute("https://barge.example/a/", " ../b/#c ") == "https://barge.example/b/"


def test_headers_in_any_case() -> None:
    raw = RawPage(b"[]", "", {"X-Wp-Total": "3"})
    assert raw.header("x-wp-total") == "3"
    assert raw.header("link") is None


def test_json_values_by_their_types() -> None:
    record = as_object(
        {"n": "12", "t": None, "b": True, "l": [1], "o": {}, "f": 1.5}, name="row", url="https://x.example/"
    )
    assert record.integer("n") == 12
    assert (record.optional_text("t"), record.optional_integer("gone")) == (None, None)
    assert (record.flag("b"), record.flag("n")) == (True, False)
    for ask in (record.integer, record.text, record.child, record.values):
        with pytest.raises(FieldMissing, match=r"row\.gone"):
            ask("gone")
    for ask, key in ((record.text, "b"), (record.text, "f"), (record.values, "o"), (record.child, "l")):
        with pytest.raises(FieldMalformed, match=rf"row\.{key}"):
            ask(key)
    with pytest.raises(FieldMalformed):
        as_object({"n": "9" * 19}, name="row", url="").integer("n")


def test_json_in_other_encodings() -> None:
    assert read_json(b"\xef\xbb\xbf[1]", "") == [1]
    with pytest.raises(PageUnrecognised, match="no JSON"):
        loads("<html>", "")


def test_objects_within_are_outermost_first() -> None:
    value = {"a": [{"b": {}}, 3], "c": {"d": 1}}
    assert list(objects_within(value)) == [value, {"b": {}}, {}, {"d": 1}]


OLD_THEME = """<!DOCTYPE html><html><head><meta name="generator" content="WordPress 6.0"></head><body>
<h2 class="woocommerce-Reviews-title comments-title">9 reviews for Rope</h2>
<h2 class="comments-title">3 comments</h2>
<ol><li class="comment" id="comment-1"><cite>Comment by Mirko</cite>
<time datetime="2021-05-04T09:00:00Z">May 4</time><p>Ahoy.</p></li>
<li class="comment" id="comment-2">
<div class="comment-author">Tilda <small>said</small><br><i>at noon</i></div>
<time datetime="2021-05-04T10:00:00Z">May 4</time><p>Aye.</p></li>
<li class="comment" id="comment-3"><div class="comment-author">Written by <b>Uwe</b> at sea</div>
<time datetime="2021-05-04T11:00:00Z">May 4</time><p>Oho.</p></li></ol></body></html>"""


def test_names_stand_among_other_words_and_reviews_are_no_comments() -> None:
    page = read_html(RawPage(OLD_THEME.encode(), "https://barge.example/a/"))
    assert [(comment.author, comment.text) for comment in page.comments] == [
        ("Mirko", "Ahoy."),
        ("Tilda", "Aye."),
        ("Uwe", "Oho."),
    ]
    assert [claim.count for claim in page.claims] == [3]
