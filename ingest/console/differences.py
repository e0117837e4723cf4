"""What a text gained and lost between two versions, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Blanks are words as well: put together, the pieces are the text again.
WORD = re.compile(r"\s+|[^\s]+")
MOST_WORDS = 2_000
"""To compare texts takes the time of their product: longer ones are shown as taken out and put in."""

Kind = Literal["same", "gone", "added"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text that both versions have, or one of them."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """The later text in order, with what the earlier one had in its place."""
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        whole = (Piece(kind="gone", text=before), Piece(kind="added", text=after))
        return (Piece(kind="same", text=after),) if before == after else whole
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    # autojunk=False: else difflib leaves out what is frequent in long texts.
    for kind, begin, end, new_begin, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece(kind="same", text="".join(new[new_begin:new_end]))
            continue
        if end > begin:
            yield Piece(kind="gone", text="".join(old[begin:end]))
        if new_end > new_begin:
            yield Piece(kind="added", text="".join(new[new_begin:new_end]))
