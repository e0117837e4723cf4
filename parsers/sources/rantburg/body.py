"""What the site does to a text: glosses, asides, editors' notes; and the outlet at its start."""

import re

from parsers.page import Node
from parsers.text import Instead

GLOSS_STYLE = "border-bottom-style:dotted"
"""The site's slang for a word; the span's title keeps the word."""

ASIDE_STYLE = "background:#fffb99"
"""The site's own remark on the word before."""

NOTE_STYLE = re.compile(r"background:#[0-9a-f]{6};color:black;;")
"""A moderator's note; the colour tells whose."""

OUTLET = re.compile(r"\[([^\[\]]{1,80})\]|\(([^()]{1,80})\)")


def instead(node: Node) -> Instead | None:
    """What the source's text had where the site put this span or table; None if it is the source's own."""
    attributes = node.attributes
    style = (attributes.get("style") or "").replace(" ", "").lower()
    if not style:
        return None
    if node.tag == "table":
        return Instead("") if NOTE_STYLE.search(style) else None
    if ASIDE_STYLE in style:
        return Instead("")
    if GLOSS_STYLE in style and (original := attributes.get("title")) is not None:
        return Instead(original)
    return None


def outlet(original: str) -> str | None:
    """The outlet's name in brackets at the start of a body: ``[Ynet]``, ``(IraqiNews.com)``."""
    found = OUTLET.match(original)
    return (found[1] or found[2]).strip() or None if found else None
