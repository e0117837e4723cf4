"""Days nobody wrote down by hand: every page says exactly what the independent model says."""

import gzip

import pytest

from tests.parsers.pages import Invented, answered, day_of, pages_of, parse
from tests.site.render import encoded

SEEDS = range(24)
BRACKET = "“Ébène” — naïve coöperation, ñ and €"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_page_of_a_day(seed: int) -> None:
    for page in pages_of(day_of(seed)):
        assert answered(page.markup, page.url) == page.answer


@pytest.mark.parametrize("seed", SEEDS[:8])
@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/html", "utf-8"),
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html", "cp1252"),
        ("text/html; charset=iso-8859-1", "cp1252"),
        (None, "cp1252"),
    ],
)
def test_in_another_encoding(seed: int, content_type: str | None, encoding: str) -> None:
    for page in pages_of(day_of(seed), threads=1):
        body = accented(page).encode(encoding)
        assert answered(body, page.url, content_type) == answered(accented(page), page.url)


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_a_page_in_two_encodings(seed: int) -> None:
    for page in pages_of(day_of(seed), threads=1):
        mixed = encoded(accented(page)).replace("É".encode(), b"\xc9")
        read = parse(mixed, page.url)
        assert read.repaired == accented(page).count("É")
        assert read.replaced == 0
        assert answered(mixed, page.url) == answered(accented(page), page.url)


def accented(page: Invented) -> str:
    return page.markup.replace("the old lock", BRACKET).replace("Osk", "Östen")


def test_a_compressed_page_is_no_page_of_ours() -> None:
    page = next(pages_of(day_of(1)))
    with pytest.raises(Exception, match="none of rantburg's") as raised:
        parse(gzip.compress(encoded(page.markup)), page.url)
    assert type(raised.value).__name__ == "PageUnrecognised"


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_a_page_without_an_address(seed: int) -> None:
    for page in pages_of(day_of(seed), threads=0):
        assert answered(page.markup, "") == {**page.answer, "url": ""}
