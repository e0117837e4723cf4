"""Which stored row a page means: by id, or by author, time, words and number where there is no id.

A number is no identity: after a deletion the site counts the rest of the thread anew.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from ingest.decide.changes.content import CommentContent, ContentT, comment_content
from ingest.decide.changes.model import StoredRow
from parsers.records import Comment

StoredComment = StoredRow[CommentContent]
ListedComment = tuple[str | None, CommentContent]
"""A comment as a page shows it: its id, if the page has ids, and what it says."""
Match = tuple[ListedComment, StoredComment | None]
Likeness = Callable[[CommentContent], Hashable]
"""What is the same in two comments that are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[ContentT]):
    """One article or comment as a page lists it, and the stored row that it is, if there is one."""

    article: str
    external_id: str | None
    content: ContentT
    held: StoredRow[ContentT] | None


def listings(
    article: str, comments: Iterable[Comment], held: Sequence[StoredComment]
) -> tuple[Listing[CommentContent], ...]:
    """The comments of one article, each with its stored row; of two with one identity the last counts.

    Rows found by their id are matched first, so that no guess can take them. A comment with an unknown id is
    never matched to a row that has another id.
    """
    found = _distinct(comments)
    sure = _same_ids(found, held)
    free = _without(held, sure)
    known_ids = {external_id for (external_id, _), _ in sure}
    named = [comment for comment in found if comment[0] is not None and comment[0] not in known_ids]
    nameless = [comment for comment in found if comment[0] is None]
    # A page with ids gives one to a row of a page without: rows that have another id are not asked.
    fresh = _guessed(named, [row for row in free if row.external_id is None])
    matches = (*sure, *fresh, *_guessed(nameless, _without(free, fresh)))
    return tuple(
        Listing(article=article, external_id=external_id, content=content, held=row)
        for (external_id, content), row in matches
    )


def _same_ids(found: Iterable[ListedComment], held: Iterable[StoredComment]) -> list[Match]:
    by_id = {row.external_id: row for row in held if row.external_id is not None}
    return [(comment, by_id[comment[0]]) for comment in found if comment[0] in by_id]


def _without(rows: Iterable[StoredComment], matches: Iterable[Match]) -> list[StoredComment]:
    """The rows that no comment has yet."""
    met = {row.row_id for _, row in matches if row is not None}
    return [row for row in rows if row.row_id not in met]


def _guessed(found: Sequence[ListedComment], free: Iterable[StoredComment]) -> list[Match]:
    """Match each comment with its most likely row: all comments' best matches before any second best."""
    matches: list[Match] = [(comment, None) for comment in found]
    rows = sorted(free, key=_likelihood)
    # Likeness by likeness, not comment by comment: a good match must not lose its row to a poor one.
    for likeness in LIKENESSES if found else ():
        queues = _queues(rows, likeness)
        for place, (comment, known) in enumerate(matches):
            if known is None and (queue := queues.get(likeness(comment[1]))):
                matches[place] = (comment, queue.popleft())
        rows = _without(rows, matches)
    return matches


def _queues(rows: Iterable[StoredComment], likeness: Likeness) -> dict[Hashable, deque[StoredComment]]:
    queues: defaultdict[Hashable, deque[StoredComment]] = defaultdict(deque)
    for row in rows:
        # Two rows may say the same at the same minute: the first is met first.
        queues[likeness(row.content)].append(row)
    return queues


def _likelihood(row: StoredComment) -> tuple[bool, bool, int, int]:
    """Live rows before vanished ones, those with an id before those without, then as the site counts."""
    return not row.live, row.external_id is None, row.content.number or 0, row.row_id


def _distinct(comments: Iterable[Comment]) -> list[ListedComment]:
    distinct: dict[Hashable, ListedComment] = {}
    for comment in comments:
        content = comment_content(comment)
        # A page can show one comment twice; without an id, place, author and time stand for it.
        distinct[comment.external_id or _place(content)] = (comment.external_id, content)
    return list(distinct.values())


def _place(content: CommentContent) -> Hashable:
    return content.number, content.author, content.posted_local


LIKENESSES: tuple[Likeness, ...] = (
    lambda content: (content.number, content.author, content.posted_local, content.text),
    # After a deletion #4 is #3: the same words of the same minute are the same comment.
    lambda content: (content.author, content.posted_local, content.text),
    _place,
    lambda content: (content.author, content.posted_local),
)
"""From certain to likely: equal; equal at another number; edited at its number; edited and renumbered."""
