"""One comment's cell: ``<td><a name="4038003"></a>#1&nbsp; TEXT</td>``, the same on every page of HTML."""

import re
from datetime import datetime

from parsers.errors import FieldMalformed, FieldMissing
from parsers.html import Node, nodes_in
from parsers.records import Comment
from parsers.sources.rantburg.body import instead
from parsers.sources.rantburg.cell import Content
from parsers.text import plain_text, render
from parsers.times import Thread, minute_of, read_clock

COMMENT_ANCHOR = "td > a[name]"
NUMBERED = re.compile(r"#([0-9]{1,9})(?: |$)")
"""Nine digits at most: a longer number fits no column and is no comment's."""

NUMBER_MARKUP = re.compile(r"\s*(?:<a [^>]*></a>)?\s*(#)[0-9]+(?:&nbsp;)*")


def begins_comment(anchor: Node, name: str | None) -> bool:
    """Whether an anchor of that name is a comment's: an id, first in its cell, a number behind it."""
    behind, before = anchor.next, anchor.prev
    if before is not None and (before.is_element_node or (before.text_content or "").strip()):
        return False
    if behind is None or name is None or not (name.isascii() and name.isdecimal()):
        return False
    return (behind.text_content or "").lstrip().startswith("#")


def read_comment(
    content: Content,
    *,
    external_id: str | None,
    author: str | None,
    local: datetime,
    thread: Thread,
    url: str,
) -> Comment:
    """The comment of a cell's content, given what its footer says.

    Raises:
        FieldMissing, FieldMalformed: no number stands at its start, or one that is none.
    """
    element, html = content
    marked = NUMBER_MARKUP.match(html)
    text = plain_text(html[marked.start(1) :]) if marked is not None else None
    if text is None:
        text, _ = render(nodes_in(element), instead)
    numbered = number_of(text, url)
    return Comment(
        number=int(numbered[1]),
        external_id=external_id,
        author=author,
        posted_at=thread.instant(local),
        posted_local=minute_of(local),
        text=text[numbered.end() :],
        html=html[marked.end() if marked is not None else 0 :].strip(),
    )


def number_of(text: str, url: str) -> re.Match[str]:
    """The number that a comment's text begins with.

    Raises:
        FieldMissing: it begins with none.
        FieldMalformed: it begins with a number sign and something else, or with too many digits.
    """
    numbered = NUMBERED.match(text)
    if numbered is None and text.startswith("#"):
        raise FieldMalformed("comment.number", text.partition(" ")[0][:40], url)
    if numbered is None:
        raise FieldMissing("comment.number", url)
    return numbered


def local_time(day: str, clock: str, field: str, url: str) -> datetime:
    """A footer's day and clock as a naive local time.

    Raises:
        FieldMalformed: there is no such time.
    """
    try:
        return read_clock(day, clock)
    except ValueError as exc:
        raise FieldMalformed(field, f"{day} {clock}", url) from exc
