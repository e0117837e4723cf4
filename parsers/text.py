"""A tree's text as a reader sees it, and the same with the site's own jokes taken back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from parsers.page import BLOCK_TAGS, HIDDEN_TAGS, Node, size

BREAKS = dict.fromkeys((*BLOCK_TAGS, "br"), " ")
REPLACEABLE = frozenset({"span", "table"})
UNUSUAL = BLOCK_TAGS | HIDDEN_TAGS


@dataclass(frozen=True, slots=True)
class Instead:
    """What the original text had in place of an element; ``words`` is empty for what the site added."""

    words: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """``shown`` is what the page shows, ``original`` what the source had written."""

    shown: str
    original: str


def collapse(text: str) -> str:
    """Every run of white space (no-break blanks too) as one blank, none at the ends; no NUL."""
    return " ".join(text.replace("\0", "").split())


def render(nodes: Iterable[Node], instead: Callable[[Node], Instead | None]) -> Rendered:
    """Write nodes given in document order as one line of text, twice.

    ``instead`` is asked of every span and table: where it answers, the original has those words and
    nothing of the element's content.
    """
    shown: list[str] = []
    original: list[str] = []
    hidden_until = replaced_until = 0
    blocks = False
    for position, node in enumerate(nodes):
        if position < hidden_until:
            continue
        tag = node.tag
        words = node.text_content or "" if tag == "-text" else BREAKS.get(tag or "", "")
        if blocks and _parted(node):
            shown.append(" ")
            original.append(" " if position > replaced_until else "")
        shown.append(words)
        if position >= replaced_until:
            if tag in REPLACEABLE and (replacement := instead(node)) is not None:
                words, replaced_until = replacement.words, position + size(node)
            original.append(words)
        if tag in UNUSUAL:
            blocks = blocks or tag in BLOCK_TAGS
            hidden_until = position + size(node) if tag in HIDDEN_TAGS else hidden_until
    return Rendered(collapse("".join(shown)), collapse("".join(original)))


def _parted(node: Node) -> bool:
    """Whether a block ends right before the node: that parts words, but a walk shows only beginnings."""
    before = node.prev
    return before is not None and before.tag in BLOCK_TAGS
