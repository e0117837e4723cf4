"""What the site does to a text: glosses, asides, editors' notes; and the outlet at its start."""

import re

from parsers.html import Node, has_more_words, is_last
from parsers.text import Instead

GLOSS_STYLE = "border-bottom-style:dotted"
"""The site's slang for a word; the span's title keeps the word."""

ASIDE_STYLE = "background:#fffb99"
"""The site's own remark on the word before."""

NOTE_STYLE = re.compile(r"background:[#a-z0-9]+;color:[#a-z0-9]+;*")
"""A moderator's note; its colour is the moderator's."""

OUTLET = re.compile(r"\[([^\[\]]*[^\W\d_][^\[\]]*)\]|\(([A-Z][^()]*|[^() ]+\.[^() ]+)\)")
"""In round brackets only a name or a host: ``(he said)`` is the source's own aside."""

SPARE_WORDS = 2
"""``tossed in the clink`` stands for ``arrested``."""

LONGEST_OUTLET = 80


def instead(node: Node) -> Instead | None:
    """The source's text in the place of this span or table of the site; None if it is the source's own."""
    attributes = node.attributes
    style = (attributes.get("style") or "").replace(" ", "").lower()
    if not style:
        return None
    if node.tag == "table":
        return Instead("") if NOTE_STYLE.fullmatch(style) else None
    if ASIDE_STYLE in style:
        return Instead("")
    if GLOSS_STYLE in style and (original := attributes.get("title")) is not None:
        return Instead(original) if not _runs_on(node, original) else None
    return None


def _runs_on(gloss: Node, original: str) -> bool:
    """Whether the gloss was never closed, so that the rest of the body stands in it: nothing follows it, and
    it has far more words than those it stands for."""
    most = SPARE_WORDS + 2 * len(original.split())
    return is_last(gloss) and has_more_words(gloss, most)


def outlet(original: str) -> str | None:
    """The outlet's name in brackets at the start of a body: ``[Ynet]``, ``(IraqiNews.com)``."""
    found = OUTLET.match(original)
    name = (found[1] or found[2]).strip() if found is not None else ""
    return name if 0 < len(name) <= LONGEST_OUTLET else None
