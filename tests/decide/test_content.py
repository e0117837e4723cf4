"""The form of content that is compared and stored."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ingest.decide.changes.content import (
    article_content,
    comment_content,
    digest_of,
    is_stub,
    position_of,
    renewed,
)
from parsers.records import storable
from tests.kit.parsed import article, comment


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("a\x00b", "ab"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("\ufffe and \U0001f6a2", "\ufffe and \U0001f6a2"),
    ],
)
def test_storable_drops_only_what_a_database_refuses(text: str, kept: str) -> None:
    assert storable(text) == kept


def test_a_stored_text_equals_the_same_text_read_again() -> None:
    content = comment_content(comment("1", text="a\x00\udfff"))
    assert content.text == "a\ufffd"
    assert comment_content(comment("1", text=content.text)) == content


def test_a_digest_depends_on_each_field() -> None:
    content = comment_content(comment("1"))
    others = [
        replace(content, number=2),
        replace(content, author=None),
        replace(content, text="other"),
        replace(content, html="<p>"),
        replace(content, posted_local="2021-05-04T07:59"),
        replace(content, posted_at=content.posted_at + timedelta(minutes=1)),
    ]
    assert len({digest_of(one) for one in (content, *others)}) == len(others) + 1


def test_a_digest_is_of_the_instant_and_not_of_its_zone() -> None:
    content = comment_content(comment("1"))
    abroad = replace(content, posted_at=content.posted_at.astimezone(timezone(timedelta(hours=-4))))
    assert digest_of(abroad) == digest_of(content)


def test_none_and_the_empty_text_have_different_digests() -> None:
    nothing = article_content(article(label=None))
    assert digest_of(nothing) != digest_of(replace(nothing, label=""))


def test_views_and_comments_are_no_content() -> None:
    assert article_content(article(views=1)) == article_content(
        article("101", [comment("1")], views=2, title="Title of 100", link="https://news.example/100")
    )


def test_a_digest_is_that_of_before_the_newer_fields_where_these_say_nothing() -> None:
    content = comment_content(comment("1"))
    assert digest_of(content) == digest_of(replace(content, position=4))
    answer = replace(content, parent_external_id="0")
    assert digest_of(answer) != digest_of(content)
    assert digest_of(replace(answer, parent_external_id="2")) != digest_of(answer)


@pytest.mark.parametrize("parent", [None, "0"])
def test_a_digest_is_that_of_the_json_which_the_encoder_would_write(parent: str | None) -> None:
    shown = comment_content(comment("1", text='say "\u00e9\U0001f600"\n', author=None))
    for content in (replace(shown, parent_external_id=parent), article_content(article(label=None))):
        values = {field.name: getattr(content, field.name) for field in fields(content)}
        values.pop("position", None)
        if values.get("parent_external_id", "") is None:
            del values["parent_external_id"]
        for name, value in values.items():
            if isinstance(value, datetime):
                values[name] = value.astimezone(UTC).isoformat(timespec="microseconds")
            elif isinstance(value, date):
                values[name] = value.isoformat()
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
        assert digest_of(content) == hashlib.sha256(canonical.encode("ascii")).hexdigest()


def test_a_page_that_shows_no_rank_keeps_the_one_that_is_held() -> None:
    held = replace(comment_content(comment("1")), position=4)
    incoming = replace(held, text="edited", position=None)
    assert renewed(held, incoming, frozenset()) == replace(incoming, position=4)
    assert position_of(renewed(held, incoming, frozenset())) == 4
    assert position_of(renewed(held, replace(incoming, position=7), frozenset())) == 7
    assert position_of(renewed(replace(held, position=None), incoming, frozenset())) is None
    assert position_of(article_content(article("100"))) is None


@pytest.mark.parametrize("field", ["title", "text", "posted_at", "link", "posted_by"])
def test_what_says_one_thing_of_an_article_is_no_stub(field: str) -> None:
    whole = article_content(article("100", posted_by="Ann", link="https://a.example/"))
    nothing = {"title": "", "text": "", "posted_at": None, "link": None, "posted_by": None}
    stub = replace(whole, **nothing)
    assert is_stub(stub)
    assert not is_stub(replace(stub, **{field: getattr(whole, field)}))
    assert not is_stub(comment_content(comment("1")))
