"""The page's source, parted where the site itself begins an article or a comment.

The tree is what is read. The source says which blocks the tree must show: a body that opens ``<script>`` or
an attribute without an end hides the blocks below it from the tree, and not from here. Such a block is then
parsed by itself, from its anchor to its last footer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Literal

CELL = "<td"
HEADLINE = re.compile(
    r"<td(?!\w)[^<>]*\bclass=[\"']?hline\b[^<>]*+>(?:\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b)?"
)
COMMENT = re.compile(r"<td(?!\w)[^<>]*+>\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b[^<>]*+>\s*+</a>\s*+(?=#)")
FOOTER = re.compile(r"<td(?!\w)[^<>]*+>\s*+posted by:")
"""How a cell begins, in small letters. Possessive (``*+``) where giving a character back can find nothing."""

COMMENTS_LINK = "comments.php"
"""The footers of section and article pages link the comments page."""

SMALL_LETTERS = {ord(letter): letter.lower() for letter in ascii_uppercase}

UNANCHORED = re.compile(r">\s*#[0-9]")
"""How a comment begins that has lost its anchor or its cell."""


@dataclass(slots=True)
class Piece:
    """A block of the source, from ``start``, where its anchor begins, over ``begin``, where that ends.

    ``footers`` are where footers begin: a body may bring its own, the true one stands behind them all.
    """

    kind: Literal["article", "comment"]
    external_id: str | None
    text: str
    start: int
    begin: int
    end: int
    footers: list[int] = field(default_factory=list)

    @property
    def lost_anchor(self) -> bool:
        """Whether a cell between the footers begins as a comment does: nobody knows whose they are then."""
        footers = self.footers
        return len(footers) > 1 and UNANCHORED.search(self.text, footers[0], footers[-1]) is not None


def pieces_of(text: str, footer_link: str = "") -> list[Piece]:
    """The blocks in the source's order, without what stands above the first.

    A cell is a footer only if ``footer_link`` stands in it.
    """
    small = _in_small_letters(text) + CELL  # so that every cell ends where another begins
    # A page has hundreds of other cells: looking for a word is a tenth of trying a pattern.
    found = (
        *_cells(small, "hline", HEADLINE),
        *_cells(small, "name=", COMMENT),
        *_cells(small, "posted by:", FOOTER),
    )
    pieces: list[Piece] = []
    for begun in sorted(found, key=re.Match.start):
        start, behind = begun.span()
        if pieces and pieces[-1].start == start:
            continue  # whatever a headline's cell holds, it is no other block's
        if begun.re is not FOOTER:
            if pieces:
                pieces[-1].end = start
            kind: Literal["article", "comment"] = "article" if begun.re is HEADLINE else "comment"
            pieces.append(Piece(kind, begun[1], text, start, behind, len(text)))
        elif pieces and footer_link in small[behind : small.find(CELL, behind)]:
            pieces[-1].footers.append(start)
    return pieces


def _cells(small: str, word: str, beginning: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The cells that begin so, which only a cell with the word can."""
    behind = 0
    while (at := small.find(word, behind)) >= 0:
        start = small.rfind(CELL, behind, at)
        behind = at + len(word)
        if start >= 0 and (found := beginning.match(small, start)):
            yield found


def _in_small_letters(text: str) -> str:
    """The text with every letter in its place."""
    small = text.lower()
    if len(small) != len(text):  # as of a Turkish capital I with its dot, which becomes two characters
        small = text.translate(SMALL_LETTERS)
    return small
