"""A tree's text as a reader sees it, and the same with the site's own jokes taken back."""

import html
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from parsers.html import BLOCK_TAGS, FOREIGN_TAGS, HIDDEN_TAGS, UNCLOSED_TAGS, Node, is_last, size

BREAKS = BLOCK_TAGS | {"br"}
"""Elements that write a blank."""

REPLACEABLE = frozenset({"span", "table"})
SKIPPABLE = HIDDEN_TAGS | REPLACEABLE
"""Elements whose content may have no place in one of the two texts."""

NOTED = BREAKS | SKIPPABLE | FOREIGN_TAGS
"""Elements that do anything to the text."""

COUNT = r"[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12}"
"""The source of a counter, to be built into the patterns of packs: ``390296``, ``390,296``."""

Cut = tuple[int, int, str]
"""A range of written parts, and the source's own words in its place."""


@dataclass(frozen=True, slots=True)
class Instead:
    """The original text in the place of an element; ``words`` is empty for what the site added."""

    words: str


def collapse(text: str) -> str:
    """Every run of white space (no-break blanks too) as one blank, and none at the ends."""
    return " ".join(text.split())


def plain_text(markup: str) -> str | None:
    """The text of a tree's markup that has no element but line breaks; None of any other.

    A tree writes the signs of tags that stand in its words as entities: one that is left is an element's.
    """
    words = markup.replace("<br>", " ").replace("&nbsp;", " ")
    if "<" in words or ">" in words:
        return None
    return collapse(html.unescape(words) if "&" in words else words)


def whole_number(count: str) -> int:
    """A counter as a number: ``390,296`` is 390296."""
    return int(count.replace(",", ""))


def render(nodes: Iterable[Node], instead: Callable[[Node], Instead | None]) -> tuple[str, str]:
    """Write nodes given in document order as one line of text, twice: as shown, and as the source wrote it.

    ``instead`` is asked of every span and table: where it answers, the original has those words and
    nothing of the element's content.
    """
    line = _Line([], [], instead)
    _write(iter(nodes), line)
    shown = collapse("".join(line.parts))
    return shown, collapse("".join(_original(line.parts, line.cuts))) if line.cuts else shown


@dataclass(slots=True)
class _Line:
    """The words written so far, the ranges of them that the original has others for, and what those are."""

    parts: list[str]
    cuts: list[Cut]
    instead: Callable[[Node], Instead | None]


def _write(walk: Iterator[Node], line: _Line) -> None:
    parts = line.parts
    blocks = False
    foreign: set[int] = set()
    for node in walk:
        if blocks and _parted(node):
            parts.append(" ")
        if node.is_text_node:
            parts.append(node.text_content or "")
            continue
        tag = node.tag
        if tag == "br" and not foreign:  # by far the most frequent
            parts.append(" ")
        elif foreign or tag in NOTED:
            _note(node, walk, line, foreign)
            blocks |= tag in BLOCK_TAGS


def _note(node: Node, walk: Iterator[Node], line: _Line, foreign: set[int]) -> None:
    """Write what an element itself does to the text."""
    if foreign or node.tag in FOREIGN_TAGS:
        _mark_foreign(node, foreign)
    if node.tag in BREAKS:
        line.parts.append(" ")
    if node.tag in SKIPPABLE:
        _skip_or_replace(node, walk, line, foreign)


def _skip_or_replace(node: Node, walk: Iterator[Node], line: _Line, foreign: set[int]) -> None:
    """Take an element's content off the walk, if it is hidden or the original has other words for it."""
    if node.tag in HIDDEN_TAGS:
        if not _is_seen(node, foreign):
            # The walk is one for the whole cell: what is hidden is taken off it here.
            deque(islice(walk, size(node) - 1), maxlen=0)
    elif (original := line.instead(node)) is not None:
        begin = len(line.parts)
        # <span title="police">coppers</span>: the shown words are written, the original has "police".
        _write(islice(walk, size(node) - 1), _Line(line.parts, [], _as_it_is))
        line.cuts.append((begin, len(line.parts), original.words))


def _mark_foreign(node: Node, foreign: set[int]) -> None:
    parent = node.parent
    if node.tag in FOREIGN_TAGS or (parent is not None and parent.mem_id in foreign):
        foreign.add(node.mem_id)


def _is_seen(node: Node, foreign: set[int]) -> bool:
    """Whether the words in an element that hides them may be the text's own, as in ``<svg><style> after.``

    There a style is an element like others, and what stands behind its start tag is in it until the cell
    ends; so it is with a noscript or an object that nobody closed.
    """
    return node.mem_id in foreign or (node.tag in UNCLOSED_TAGS and is_last(node))


def _as_it_is(_: Node) -> None:
    """Within what is replaced, nothing is replaced again."""


def _original(parts: list[str], cuts: list[Cut]) -> Iterator[str]:
    # Cuts are in the order of the page and never one in another.
    position = 0
    for begin, end, words in cuts:
        yield from parts[position:begin]
        yield words
        position = end
    yield from parts[position:]


def _parted(node: Node) -> bool:
    """Whether a block ends right before the node: that parts words, but a walk shows only beginnings."""
    before = node.prev
    return before is not None and before.tag in BLOCK_TAGS
