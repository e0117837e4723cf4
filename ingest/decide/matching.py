"""Which stored row a page means: by id, or by number, author and time where there is no id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple

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


class _Place(NamedTuple):
    """Who wrote when, and at which place: what stands for an id where there is none."""

    number: int
    author: str | None
    posted_local: str


def listings(
    article: str, comments: Iterable[Comment], held: Sequence[HeldComment]
) -> tuple[Listing[CommentContent], ...]:
    """The comments of one article, each with its stored row; of two with one identity the last counts."""
    free = _Free(held)
    return tuple(
        Listing(
            article=article,
            external_id=external_id,
            content=content,
            held=free.taken(external_id, content),
        )
        for external_id, content in _with_ids_first(comments, free)
    )


class _Free:
    """The rows that no comment of the page was found to be yet; each is looked up, never searched for."""

    def __init__(self, held: Sequence[HeldComment]) -> None:
        self.by_id = {row.external_id: row for row in held if row.external_id is not None}
        self._held = held
        self._met: set[int] = set()
        self._by_place: dict[_Place, list[HeldComment]] | None = None

    def taken(self, external_id: str | None, content: CommentContent) -> HeldComment | None:
        """The row that is meant, which then is free no more; one that is live before one that vanished."""
        if external_id is not None and (row := self.by_id.get(external_id)) is not None:
            self._met.add(row.row_id)
            return row
        rows = self._at(_place(content))
        # An id that is not known is another comment than any row with an id of its own.
        meant = [row for row in rows if external_id is None or row.external_id is None]
        if not meant:
            return None
        best = min(meant, key=lambda row: (not row.live, row.external_id is None, row.row_id))
        rows.remove(best)
        return best

    def _at(self, place: _Place) -> list[HeldComment]:
        if self._by_place is None:
            # Those that are known by their ids have all been met before the first guess.
            self._by_place = {}
            for row in self._held:
                if row.row_id not in self._met:
                    self._by_place.setdefault(_place(row.content), []).append(row)
        return self._by_place.get(place, [])


def _with_ids_first(comments: Iterable[Comment], free: _Free) -> list[tuple[str | None, CommentContent]]:
    distinct: dict[str | _Place, tuple[str | None, CommentContent]] = {}
    for comment in comments:
        content = comment_content(comment)
        distinct[comment.external_id or _place(content)] = (comment.external_id, content)
    # A row found by its id is out of reach of a guess by place, so the certain ones choose first.
    return sorted(distinct.values(), key=lambda one: 2 if one[0] is None else int(one[0] not in free.by_id))


def _place(content: CommentContent) -> _Place:
    return _Place(number=content.number, author=content.author, posted_local=content.posted_local)
