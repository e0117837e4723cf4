"""A walk over nodes: what stands behind a foreign element, and a comment that no article stands before."""

import random

import pytest

from parsers.engines.tree import text_of_markup
from parsers.html import fragment, nodes_in
from parsers.registry import source_named
from parsers.sources.rantburg.blocks import _without_marks
from parsers.sources.rantburg.pieces import pieces_of
from parsers.text import plain_text, render
from tests.kit.rig import NOON, busy_day
from tests.site.render import encoded, section_page

PIECES = (
    *(
        "word",
        " ",
        "\n",
        "\xa0",
        "&nbsp;",
        "&amp;",
        "&lt;",
        "&gt;",
        "&amp;lt;",
        "&copy",
        "<",
        ">",
        "&",
        "<br>",
        "<br/>",
    ),
    *(
        "</br>",
        "<i>",
        "</i>",
        "<p>",
        "<!-- x -->",
        "<script>",
        "<svg>",
        '<a title="a>b">',
        "</a>",
        "<br clear=all>",
        "\x1f",
    ),
)
HEADLINE = '<td class="hline"><a name="510001"></a>A bridge</td>'
COMMENT = '<td><a name="4000001"></a>#1 Aye.</td>'


def shown(markup: str) -> str:
    return render(nodes_in(fragment(markup)), lambda _: None)[0]


def test_words_behind_a_foreign_element_are_the_texts_own() -> None:
    assert (
        shown("<svg><text>drawn</text></svg> <b>plain</b><style>hidden</style> after") == "drawn plain after"
    )
    assert shown("before <svg><style> after") == "before after"


def test_a_frameset_takes_all_words_with_it() -> None:
    assert fragment("<frameset>gone") is None
    assert list(nodes_in(None)) == []


@pytest.mark.parametrize(
    "text", ["Ann", " Ann  &amp; son", "a\tb", "a\x00b", "1 &lt 2", "<i>Ann</i>", "\xa0Ann"]
)
def test_words_alone_are_read_as_the_parser_reads_them(text: str) -> None:
    assert text_of_markup(text) == shown(text)


@pytest.mark.parametrize("seed", range(40))
def test_plain_markup_has_the_words_of_a_walk(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(25):
        body = fragment("".join(draw.choices(PIECES, k=draw.randrange(1, 8))))
        assert body is not None
        plain = plain_text(body.inner_html or "")
        assert plain in {None, render(nodes_in(body), lambda _: None)[0]}


@pytest.mark.parametrize("markup", ["a<br>b &amp;&nbsp;c", "&lt;b&gt;", "&amp;lt;", "1&nbsp; 2", ""])
def test_words_and_line_breaks_need_no_walk(markup: str) -> None:
    assert plain_text(markup) == shown(markup)


@pytest.mark.parametrize("markup", ["<i>a</i>", "a<!-- b -->", '<br clear="all">', "<svg><br></svg>", 'b">a'])
def test_any_other_element_needs_one(markup: str) -> None:
    assert plain_text(markup) is None


def test_a_comment_above_the_first_article_is_nobodys() -> None:
    (block,) = _without_marks(pieces_of(COMMENT + HEADLINE + COMMENT))
    assert block.piece.external_id == "510001"
    assert [one.piece.external_id for one in block.comments] == ["4000001"]


def test_an_article_whose_headline_is_no_headline_is_named_and_the_others_are_read() -> None:
    markup = section_page(busy_day(), 1).replace('class="hline"', 'class="hline-old"', 1)
    page = source_named("rantburg").parse(
        encoded(markup), url="http://www.rantburg.com/?D=04/14/2018&HC=1&SO=", captured_at=NOON
    )
    (lost,) = page.unreadable
    assert (lost.article, lost.reason) == ("510000", "article.text of 510000 is missing")
    assert [article.external_id for article in page.articles] == [
        row.external_id for row in page.headlines if row.section == 1 and row.external_id != "510000"
    ]
