"""Which pages hold a thing, by its id."""

from pathlib import Path

import pytest

from ingest.jobs.takedown.mentions import holds, search
from ingest.records.takedown import TakedownTarget
from ingest.store.takedown.suppression import Suppressed
from tests.kit.parsed import at

URL = "http://harbour.example/?D=05/04/2021&HC=1"
OF_ARTICLE = "http://harbour.example/comments.php?ID=510764"


def sought(article: str, comment: str | None = None, *thread: str) -> Suppressed:
    what = TakedownTarget(source="harbour", article=article, comment=comment)
    return Suppressed(what=what, reason="asked", suppressed_at=at(0), thread=frozenset(thread))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'<a href="/a.php?ID=510764&amp;x">', True),
        (b'<a name="c510764">', True),
        (b"share?u=%2Fa.php%3FID%3D510764", True),
        (b"a%20510764", True),
        (b"1510764 or 5107641", False),
        (b"510,764", False),
        (b"", False),
    ],
)
def test_an_id_of_digits_is_a_whole_number(body: bytes, found: bool) -> None:
    assert holds(sought("510764"), URL, body) is found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"/news/caf&amp;e/", True),
        (b"/news/caf%26e", True),
        (b"/news/caf&e", True),
        (b"/news/caf&eteria", False),
        (b"/news/decaf&e", False),
    ],
)
def test_an_id_of_letters_is_a_whole_word_however_it_is_coded(body: bytes, found: bool) -> None:
    assert holds(sought("caf&e"), URL, body) is found


def test_an_article_is_held_by_its_address_and_by_its_comments() -> None:
    whole = sought("510764", None, "4000001")
    assert holds(whole, OF_ARTICLE, b"")
    assert holds(whole, URL, b"the latest: #4000001")
    assert not holds(whole, URL, b"#4000002")


@pytest.mark.parametrize(
    ("url", "body", "found"),
    [
        (URL, b"<a name=4000001>", True),
        (URL, b"ID=510764", False),
        (OF_ARTICLE, b"a rendition without ids", True),
        (OF_ARTICLE, b"<a name=4000002> before the other was written", False),
    ],
)
def test_a_comment_is_held_where_it_may_stand(url: str, body: bytes, found: bool) -> None:
    assert holds(sought("510764", "4000001", "4000001", "4000002"), url, body) is found


def test_nothing_sought_is_nothing_read(tmp_path: Path) -> None:
    found = search((), (), folder=tmp_path, total=0, progress=lambda _done, _total: None)
    assert (found.holding, found.unread) == ({}, ())
