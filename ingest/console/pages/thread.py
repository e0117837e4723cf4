"""An article and its comments, with what they were before and which capture and parser say so."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from ingest.console.desk import Desk, NotHere, Shown, number_of, required, wanted
from ingest.store import CommentHistory

AT_ONCE = 200
"""Comments on a page."""
DEEPEST = 8
"""Levels of a tree that are set in further: a narrow screen has no room for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A comment and how far it is set in; ``answers`` is the author of the comment it answers."""

    comment: CommentHistory
    level: int
    answers: str | None


def thread(desk: Desk, request: Request) -> Shown:
    """One page of a thread, in the site's order or as a tree."""
    source, article = wanted(request, "source"), required(request, "id")
    found = desk.store.articles.named(source, article)
    if found is None:
        raise NotHere(f"no article {article!r} is held")
    as_tree = wanted(request, "order") == "tree"
    original = wanted(request, "as") == "original"
    number = number_of(request, "page")
    placed = list(_tree(found.comments) if as_tree else _in_order(found.comments))
    pages = max(1, -(-len(placed) // AT_ONCE))
    values = {
        "found": found,
        "row": found.article.row,
        "content": found.article.row.content,
        "as_tree": as_tree,
        "original": original,
        "comments": placed[(number - 1) * AT_ONCE : number * AT_ONCE],
        "number": number,
        "pages": pages,
        "vanished": sum(one.row.vanished_at is not None for one in found.comments),
        "edited": sum(bool(one.versions) for one in found.comments),
        "has_tree": any(one.row.content.parent_external_id for one in found.comments),
    }
    return Shown(template="thread.html", values=values)


def _in_order(comments: Sequence[CommentHistory]) -> Iterator[Placed]:
    by_id = _by_id(comments)
    return (Placed(comment=one, level=0, answers=_answered(one, by_id)) for one in comments)


def _tree(comments: Sequence[CommentHistory]) -> Iterator[Placed]:
    """Answers below what they answer that is held; a comment without one, or in a ring, stands alone."""
    by_id = _by_id(comments)
    below: defaultdict[str | None, list[CommentHistory]] = defaultdict(list)
    for one in comments:
        parent = one.row.content.parent_external_id
        below[parent if parent in by_id and parent != one.row.external_id else None].append(one)
    shown: set[int] = set()
    # Those of a ring are below nobody that stands alone: the first that is left opens it.
    for alone in (*below[None], *comments):
        # A stack, and no recursion: a thread may be a thousand answers deep.
        waiting = [(alone, 0)]
        while waiting:
            one, level = waiting.pop()
            if one.row.row_id in shown:
                continue
            shown.add(one.row.row_id)
            yield Placed(comment=one, level=min(level, DEEPEST), answers=_answered(one, by_id))
            if one.row.external_id is not None:
                waiting += [(answer, level + 1) for answer in reversed(below[one.row.external_id])]


def _answered(one: CommentHistory, by_id: Mapping[str, CommentHistory]) -> str | None:
    parent = one.row.content.parent_external_id
    if parent is None:
        return None
    answered = by_id.get(parent)
    return (answered.row.content.author if answered is not None else None) or parent


def _by_id(comments: Sequence[CommentHistory]) -> dict[str, CommentHistory]:
    return {one.row.external_id: one for one in comments if one.row.external_id is not None}
