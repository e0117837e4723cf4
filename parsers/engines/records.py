"""What one answer of an engine says, before a source makes a ``ParsedPage`` of it.

None means that the answer does not say. Ids are the site's, as strings. A forum's opening post is the comment
that has the number 1 on the thread's first page: whether it becomes an article is the source's matter.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from parsers.records import Unreadable

EnginePageKind = Literal["listing", "thread"]

CommentState = Literal["shown", "hidden", "deleted", "pingback", "action"]
"""``hidden``: the site replaced the text; ``deleted``: a tombstone; ``action``: a row about the thread."""

ClaimOf = Literal["comments", "posts", "replies", "entries", "pages", "last-number"]
"""What a claim counts. ``posts`` includes a forum's opening post, ``replies`` does not. Pingbacks are among
the ``comments`` of a heading, and not among those of ``X-WP-Total``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time as the site writes it: its wall clock, ``2018-03-23T01:35``, and the instant.

    A site may print the day alone, ``2018-03-23``, or leave out the year, ``--03-23T01:35``: then there is no
    instant.
    """

    local: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A count that the site states. ``count`` of a shortened one (``1.2K``) is near, and not ``exact``."""

    of: ClaimOf
    count: int
    printed: str
    exact: bool
    entry_id: str | None
    by: str
    """Where it stands: ``X-WP-Total``, ``posts_count``, ``JSON-LD``, ``heading``, ``listing``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineComment:
    """One comment or forum post; ``position`` is its rank on this page, from 1."""

    entry_id: str | None
    external_id: str | None
    number: int | None
    position: int
    parent_external_id: str | None
    parent_number: int | None
    author: str | None
    author_id: str | None
    posted: Moment
    edited: Moment | None
    text: str
    html: str | None
    state: CommentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article or a thread. In a listing ``claimed_comments`` holds replies, without the opening post.

    ``protected`` is true where the site counts comments that it does not show to everybody.
    """

    external_id: str | None
    url: str | None
    title: str | None
    author: str | None
    author_id: str | None
    posted: Moment | None
    modified: Moment | None
    last_comment: Moment | None
    claimed_comments: int | None
    text: str | None
    html: str | None
    pinned: bool = False
    protected: bool = False
    redirects: bool = False
    """Whether only a thread's old address is left: its posts stand in another one, or elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What a site says of itself; ``zone`` or else ``utc_offset_hours`` is that of its local times.

    ``lists_comments`` is whether its interface for programs has articles and comments at all.
    """

    engine: str
    name: str | None
    url: str | None
    zone: str | None
    utc_offset_hours: float | None
    lists_comments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePage:
    """Everything one answer says.

    ``page`` and ``pages`` are the numbers that the answer states, not those that were asked for. ``held_ids``
    is the catalogue of a thread where the site gives one. ``unreadable`` comments are in no other field: with
    one of them the page proves nothing.
    """

    engine: str
    kind: EnginePageKind
    url: str
    entries: tuple[Entry, ...]
    comments: tuple[EngineComment, ...]
    claims: tuple[Claim, ...]
    next_urls: tuple[str, ...]
    page: int | None = None
    pages: int | None = None
    held_ids: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    limited: bool = False
    """Whether a listing says that it leaves out what is older."""
