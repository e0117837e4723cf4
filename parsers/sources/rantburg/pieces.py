"""The page's source, parted where the site itself begins an article or a comment.

The tree is what is read. The source says which blocks the tree must show: a body that opens ``<script>`` or
an attribute without an end hides the blocks below it from the tree, and not from here. Such a block is then
parsed by itself, from its anchor to its last footer.
"""

import re
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Literal

CELL = "<td"
HEADLINE = re.compile(r"(?!\w)[^<>]*\bclass=[\"']?hline\b[^<>]*+>(?:\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b)?")
COMMENT = re.compile(r"(?!\w)[^<>]*+>\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b[^<>]*+>\s*+</a>\s*+(?=#)")
FOOTER = re.compile(r"(?!\w)[^<>]*+>\s*+posted by:")
"""How the source of a cell goes on behind ``CELL``, in small letters. Possessive (``*+``) where giving a
character back can find nothing."""

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
    pieces: list[Piece] = []
    above, *cells = _in_small_letters(text).split(CELL)
    start = len(above)
    for cell in cells:
        behind = start + len(CELL)
        end = behind + len(cell)
        # A page has hundreds of other cells: looking for a word is a tenth of trying a pattern.
        if "hline" in cell and (anchor := HEADLINE.match(cell)):
            pieces.append(Piece("article", anchor[1], text, start, behind + anchor.end(), end))
        elif "name=" in cell and (anchor := COMMENT.match(cell)):
            pieces.append(Piece("comment", anchor[1], text, start, behind + anchor.end(), end))
        elif pieces:
            pieces[-1].end = end
            if "posted by:" in cell and (words := FOOTER.match(cell)) and footer_link in cell[words.end() :]:
                pieces[-1].footers.append(start)
        start = end
    return pieces


def _in_small_letters(text: str) -> str:
    """The text with every letter in its place."""
    small = text.lower()
    if len(small) != len(text):  # as of a Turkish capital I with its dot, which becomes two characters
        small = text.translate(SMALL_LETTERS)
    return small
