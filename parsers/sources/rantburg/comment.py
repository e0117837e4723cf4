"""One comment's cell: ``<td><a name="4038003"></a>#1&nbsp; TEXT</td>``, the same on every page of HTML."""

import re
from datetime import datetime

from parsers.errors import FieldMalformed, FieldMissing
from parsers.page import Node, Region, attribute
from parsers.records import Comment
from parsers.sources.rantburg.body import instead
from parsers.text import render
from parsers.times import Thread, read_clock

COMMENT_ANCHOR = "td > a[name]"
NUMBERED = re.compile(r"#(\d{1,9})(?: |$)")
NUMBER_MARKUP = re.compile(r"\s*<a name=\"[^\"]*\"></a>\s*#\d+(?:&nbsp;|\s)*")


def begins_comment(anchor: Node, name: str | None) -> bool:
    """Whether an anchor of that name is a comment's: an id, and a number stands behind it."""
    behind = anchor.next
    if behind is None or name is None or not name.isdecimal():
        return False
    return (behind.text_content or "").lstrip().startswith("#")


def read_comment(
    anchor: Node, content: Region, *, author: str | None, local: datetime, thread: Thread, url: str
) -> Comment:
    """The comment that begins at an anchor, given its cell's content and what its footer says.

    Raises:
        FieldMissing: no number stands at its start.
    """
    text = render(content.nodes, instead).shown
    numbered = NUMBERED.match(text)
    if numbered is None:
        raise FieldMissing("comment.number", url)
    return Comment(
        number=int(numbered[1]),
        external_id=attribute(anchor, "name"),
        author=author,
        posted_at=thread.instant(local),
        posted_local=local.isoformat(timespec="minutes"),
        text=text[numbered.end() :],
        html=NUMBER_MARKUP.sub("", content.html, count=1).strip(),
    )


def local_time(day: str, clock: str, field: str, url: str) -> datetime:
    """A footer's day and clock as a naive local time.

    Raises:
        FieldMalformed: there is no such time.
    """
    try:
        return read_clock(day, clock)
    except ValueError as exc:
        raise FieldMalformed(field, f"{day} {clock}", url) from exc
