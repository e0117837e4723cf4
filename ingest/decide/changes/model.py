"""The values around ``decide``: ``Stored`` goes in, ``Changes`` comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic

from ingest.decide.changes.content import ArticleContent, CommentContent, ContentT
from ingest.records.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The capture and the parser that a row's content is from."""

    capture_id: int
    parser: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow(Generic[ContentT]):
    """One stored article or comment. ``since`` is the capture that first showed its present content."""

    row_id: int
    external_id: str | None
    content: ContentT
    first_seen_at: datetime
    last_seen_at: datetime
    vanished_at: datetime | None
    since: datetime
    origin: Origin

    @property
    def live(self) -> bool:
        """True unless a complete page showed that it is gone."""
        return self.vanished_at is None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A section of a day that lists an article besides its home; ``first_seen_at`` is when that was seen."""

    day: date
    section: int
    section_name: str | None = field(compare=False)
    first_seen_at: datetime = field(compare=False)


PlaceOf = tuple[str, Place]
"""An article's id and one of its places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """A stored article; ``claimed`` is its number of comments by the newest headline, seen at ``claimed_at``.

    ``elsewhere`` are the places that list it besides its home, which its content names.
    ``comments`` is empty where only the article itself was asked for.
    """

    external_id: str
    row: StoredRow[ArticleContent]
    views: int | None
    claimed: int | None
    claimed_at: datetime | None
    comments: tuple[StoredRow[CommentContent], ...]
    elsewhere: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the store has of a page's articles (with comments) and of the page's day (without), by article id.

    ``suppressed_comments`` are pairs of article id and comment id.
    """

    articles: Mapping[str, StoredArticle]
    suppressed_articles: frozenset[str]
    suppressed_comments: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow(Generic[ContentT]):
    """A row to insert. ``external_id`` is None for a comment of a page without ids."""

    article: str
    external_id: str | None
    content: ContentT
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrittenRow(Generic[ContentT]):
    """A stored row whose content, or id, is to be replaced.

    ``renewed`` is false if only gaps were filled: the row then keeps the capture that it names.
    """

    row_id: int
    external_id: str | None
    content: ContentT
    digest: str
    renewed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerContent(Generic[ContentT]):
    """A version: a row's earlier content, from when to when it was valid, and its origin.

    An instant instead of a span (``valid_from`` is ``valid_to``) is the same capture read by another parser.
    """

    row_id: int
    content: ContentT
    valid_from: datetime
    valid_to: datetime
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChanges(Generic[ContentT]):
    """The changes to one table; plain numbers are row ids.

    ``seen`` rows get the page's captured_at as last_seen_at, ``seen_earlier`` rows as first_seen_at,
    ``vanished`` rows as vanished_at; ``returned`` rows lose theirs.
    """

    new: tuple[NewRow[ContentT], ...]
    rewritten: tuple[RewrittenRow[ContentT], ...]
    former: tuple[FormerContent[ContentT], ...]
    seen: tuple[int, ...]
    seen_earlier: tuple[int, ...]
    returned: tuple[int, ...]
    vanished: tuple[int, ...]
    counts: Counts

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not (
            self.new
            or self.rewritten
            or self.former
            or self.seen
            or self.seen_earlier
            or self.returned
            or self.vanished
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewsRead:
    """An article's number of views, which is kept without a history."""

    article: str
    views: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """How many comments the day's catalogue says an article has."""

    article: str
    comments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChanges:
    """The places, other than homes, that list an article from now on, and those that do no longer."""

    listed: tuple[PlaceOf, ...] = ()
    gone: tuple[PlaceOf, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.listed or self.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one page changes in the store."""

    source: str
    captured_at: datetime
    parser: str
    revision: int
    articles: RowChanges[ArticleContent]
    comments: RowChanges[CommentContent]
    views: tuple[ViewsRead, ...]
    claims: tuple[Claim, ...]
    places: PlaceChanges = PlaceChanges()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to write."""
        of_rows = self.articles.nothing and self.comments.nothing and self.places.nothing
        return of_rows and not self.views and not self.claims

    @property
    def visible(self) -> bool:
        """Whether a reader of the site would see what the page changes: views and claims are not that."""
        counted = (self.articles.counts, self.comments.counts)
        return any(one.new or one.modified or one.vanished or one.returned for one in counted)
