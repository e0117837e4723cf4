"""Where blocks begin in the source: as by looking at every cell, but found by what only they have."""

import re

import pytest

from parsers.sources.rantburg.pieces import COMMENTS_LINK, pieces_of

ANCHOR = re.compile(
    r"<td\b[^<>]*\bclass=[\"']?hline\b[^<>]*+>(?:\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b)?"
    r"|<td\b[^<>]*+>\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b[^<>]*+>\s*+</a>\s*+(?=#)",
    re.IGNORECASE,
)
LINKED_FOOTER = re.compile(
    r"<td\b[^<>]*+>\s*+Posted by:(?=(?:(?!<td\b).)*?comments\.php)", re.DOTALL | re.IGNORECASE
)

HEADLINE = '<TD class="hline"><A name="41"></A> <a href="x">A bridge</a></TD>'
COMMENT = '<td><a name="907"></a>\n #1&nbsp; Well said.</td>'
FOOTER = '<td>Posted by: Wren || 03/23/2018 02:07 || <a href="comments.php?D=1&ID=41">Comments</a></td>'


@pytest.mark.parametrize(
    "text",
    [
        HEADLINE + FOOTER + COMMENT + FOOTER + COMMENT.replace("907", "908"),
        # In small letters this one is two characters, and all that stands behind it moves.
        "<p>İİİ</p>" + HEADLINE + COMMENT,
        # The words of a headline's cell and of a comment's anchor, where there is none.
        "hline </a># <td>hline</td> <td class='x'>hline </a># 5" + COMMENT,
        "</A>  #<td class=hline",
        # A footer in a headline's cell, one of another page, and one that only its own tag links.
        '<td class="hline">Posted by: A <td>Posted by: B <td id="comments.php">Posted by: C' + FOOTER,
        "",
    ],
    ids=["a page", "a letter that grows", "words alone", "cut", "footers", "empty"],
)
def test_blocks_begin_where_an_anchor_is(text: str) -> None:
    anchors = [(anchor.start(), anchor.end()) for anchor in ANCHOR.finditer(text)]
    pieces = pieces_of(text, COMMENTS_LINK)
    assert [(piece.start, piece.begin) for piece in pieces] == anchors
    assert [
        [found.start() for found in LINKED_FOOTER.finditer(text, piece.begin, piece.end)] for piece in pieces
    ] == [piece.footers for piece in pieces]


def test_a_page_of_nothing_but_hints_is_looked_at_once() -> None:
    """Looking back to the page's start at each of these would take minutes."""
    assert pieces_of("hline</a>#" * 300_000) == []
    (piece,) = pieces_of(COMMENT + "hline</a>#" * 300_000)
    assert piece.external_id == "907"
