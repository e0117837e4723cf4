"""Pages with one thing wrong: cut, without a comment, with one twice, or something else in their place."""

import json
import re
from collections.abc import Iterator
from typing import Any

WALLS = (
    b"",
    b"[]",
    b'{"errors": ["You must be logged in"]}',
    b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
    b"<html><body><h1>Log in</h1><form><input type='password' name='p'></form></body></html>",
    b"<html><body><h1>500 Internal Server Error</h1></body></html>",
)
# <li class="comment" id="comment-12">
TAG = r"<(?P<tag>[a-zA-Z][a-zA-Z0-9]*)\b[^>]*\b(?:id|name|data-content)=[\"'][^\"'>]*\b{id}[\"'][^>]*>"


def cuts(body: bytes) -> Iterator[bytes]:
    """The body's beginnings: a quarter, a half, and so on."""
    for eighths in (2, 4, 6, 7):
        yield body[: len(body) * eighths // 8]


def without(body: bytes, comment: str) -> bytes | None:
    """The page without the comment; None if the markup does not show where it stands."""
    return _changed(body, comment, 0)


def doubled(body: bytes, comment: str) -> bytes | None:
    """The page with the comment twice; None if the markup does not show where it stands."""
    return _changed(body, comment, 2)


def _changed(body: bytes, comment: str, times: int) -> bytes | None:
    try:
        value = json.loads(body)
    except ValueError:
        return _changed_markup(body, comment, times)
    return json.dumps(value).encode() if _changed_row(value, comment, times) else None


def _changed_row(value: Any, comment: str, times: int) -> bool:
    if isinstance(value, dict):
        return any(_changed_row(inner, comment, times) for inner in value.values())
    if not isinstance(value, list):
        return False
    for position, row in enumerate(value):
        # {"id": 12, ...}
        if isinstance(row, dict) and str(row.get("id")) == comment:
            value[position : position + 1] = [row] * times
            return True
    return any(_changed_row(inner, comment, times) for inner in value)


def _changed_markup(body: bytes, comment: str, times: int) -> bytes | None:
    # Latin-1: every byte is a character, and comes back as it was.
    text = body.decode("latin-1")
    opening = re.search(TAG.replace("{id}", r"[a-zA-Z_-]*" + re.escape(comment)), text)
    if opening is None:
        return None
    depth = 0
    for tag in re.finditer(rf"<(/?){opening['tag']}\b[^>]*>", text[opening.start() :]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            start, end = opening.start(), opening.start() + tag.end()
            return (text[:start] + text[start:end] * times + text[end:]).encode("latin-1")
    return None
