"""Which stored row a page means: by id, or by number, author and time where there is no id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from ingest.decide.changes import HeldRow
from ingest.decide.content import CommentContent, ContentT, comment_content
from parsers.records import Comment

HeldComment = HeldRow[CommentContent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[ContentT]):
    """One article or comment as a page lists it, and the stored row that it is, if there is one."""

    article: str
    external_id: str | None
    content: ContentT
    held: HeldRow[ContentT] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Who wrote when, and at which place: what stands for an id where there is none."""

    number: int
    author: str | None
    posted_local: str


def listings(
    article: str, comments: Iterable[Comment], held: Sequence[HeldComment]
) -> tuple[Listing[CommentContent], ...]:
    """The comments of one article, each with its stored row; of two with one identity the last counts."""
    free = list(held)
    found = [
        Listing(
            article=article, external_id=external_id, content=content, held=_taken(external_id, content, free)
        )
        for external_id, content in _with_ids_first(comments, {row.external_id for row in held})
    ]
    return tuple(found)


def _with_ids_first(
    comments: Iterable[Comment], known: set[str | None]
) -> list[tuple[str | None, CommentContent]]:
    distinct: dict[str | _Place, tuple[str | None, CommentContent]] = {}
    for comment in comments:
        content = comment_content(comment)
        distinct[comment.external_id or _place(content)] = (comment.external_id, content)
    # A row found by its id is out of reach of a guess by place, so the certain ones choose first.
    return sorted(distinct.values(), key=lambda one: 2 if one[0] is None else int(one[0] not in known))


def _taken(external_id: str | None, content: CommentContent, free: list[HeldComment]) -> HeldComment | None:
    candidates = [row for row in free if _is_meant(row, external_id, content)]
    if not candidates:
        return None
    best = min(candidates, key=lambda row: _distance(row, external_id))
    free.remove(best)
    return best


def _distance(row: HeldComment, external_id: str | None) -> tuple[bool, bool, bool, int]:
    exact = external_id is not None and row.external_id == external_id
    return (not exact, not row.live, row.external_id is None, row.row_id)


def _is_meant(row: HeldComment, external_id: str | None, content: CommentContent) -> bool:
    if external_id is not None and row.external_id is not None:
        return row.external_id == external_id
    return _place(row.content) == _place(content)


def _place(content: CommentContent) -> _Place:
    return _Place(number=content.number, author=content.author, posted_local=content.posted_local)
