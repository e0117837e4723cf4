"""The page's source, parted where the site itself begins an article or a comment.

The tree is what is read. The source says which blocks the tree must show: a body that opens ``<script>`` or
an attribute without an end hides the blocks below it from the tree, and not from here. Such a block is then
parsed by itself, from its anchor to its last footer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Literal

ANCHOR = re.compile(
    r"<td\b[^<>]*\bclass=[\"']?hline\b[^<>]*+>(?:\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b)?"
    r"|<td\b[^<>]*+>\s*+<a\b[^<>]*\bname=[\"']?([0-9]+)\b[^<>]*+>\s*+</a>\s*+(?=#)",
    re.IGNORECASE,
)
"""Possessive (``*+``) where giving a character back can find nothing."""

HEADLINE_HINT = re.compile("hline")
COMMENT_HINT = re.compile(r"</a>\s*#")
"""What only the cells of blocks have, in small letters: a page has hundreds of other cells."""

SMALL_LETTERS = {ord(letter): letter.lower() for letter in ascii_uppercase}

UNANCHORED = re.compile(r">\s*#[0-9]")
"""How a comment begins that has lost its anchor or its cell."""


@dataclass(slots=True)
class Piece:
    """A block of the source, from ``start``, where its anchor begins, over ``begin``, where that ends."""

    kind: Literal["article", "comment"]
    external_id: str | None
    text: str
    start: int
    begin: int
    end: int

    def footers(self, footer: re.Pattern[str]) -> list[int]:
        """Where footers begin: a body may bring its own, the true one stands behind them all."""
        return [found.start() for found in footer.finditer(self.text, self.begin, self.end)]

    def lost_anchor(self, footers: list[int]) -> bool:
        """Whether a cell between the footers begins as a comment does: nobody knows whose they are then."""
        return len(footers) > 1 and UNANCHORED.search(self.text, footers[0], footers[-1]) is not None


def pieces_of(text: str) -> list[Piece]:
    """The blocks in the source's order, without what stands above the first."""
    found = _anchors(text)
    ends = [*(anchor.start() for anchor in found[1:]), len(text)]
    return [
        Piece(
            kind="comment" if anchor[2] else "article",
            external_id=anchor[2] or anchor[1],
            text=text,
            start=anchor.start(),
            begin=anchor.end(),
            end=end,
        )
        for anchor, end in zip(found, ends, strict=False)
    ]


def _anchors(text: str) -> list[re.Match[str]]:
    """Every anchor in the source's order."""
    small = text.lower()
    if len(small) != len(text):  # as of a Turkish capital I with its dot, which becomes two characters
        small = text.translate(SMALL_LETTERS)
    cells = {cell for hint in (HEADLINE_HINT, COMMENT_HINT) for cell in _cells_above(small, hint)}
    found = (ANCHOR.match(text, cell) for cell in sorted(cells))
    return [anchor for anchor in found if anchor is not None]


def _cells_above(small: str, hint: re.Pattern[str]) -> Iterator[int]:
    """Where the nearest cell above each hint begins; each stretch between two hints is looked at once."""
    cell, above = -1, 0
    for found in hint.finditer(small):
        cell = max(cell, small.rfind("<td", above, found.start()))
        above = found.start()
        if cell >= 0:
            yield cell
