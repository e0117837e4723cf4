"""A walk over nodes: what stands behind a foreign element, and a comment that no article stands before."""

from parsers.html import fragment
from parsers.sources.rantburg.blocks import _without_marks
from parsers.sources.rantburg.pieces import pieces_of
from parsers.text import render

HEADLINE = '<td class="hline"><a name="510001"></a>A bridge</td>'
COMMENT = '<td><a name="4000001"></a>#1 Aye.</td>'


def shown(markup: str) -> str:
    nodes, _ = fragment(markup)
    return render(nodes, lambda _: None)[0]


def test_words_behind_a_foreign_element_are_the_texts_own() -> None:
    assert (
        shown("<svg><text>drawn</text></svg> <b>plain</b><style>hidden</style> after") == "drawn plain after"
    )
    assert shown("before <svg><style> after") == "before after"


def test_a_comment_above_the_first_article_is_nobodys() -> None:
    (block,) = _without_marks(pieces_of(COMMENT + HEADLINE + COMMENT))
    assert block.piece.external_id == "510001"
    assert [one.piece.external_id for one in block.comments] == ["4000001"]
