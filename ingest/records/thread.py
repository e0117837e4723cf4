"""An article and its comments as they stood at a moment. The fields are a contract: programs read them."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadComment:
    """A comment. Instants are aware UTC, ``posted_local`` is the site's wall clock; the ids are the site's.

    ``vanished_at`` is since when the site no longer lists it, None if it did.
    """

    external_id: str | None
    parent_external_id: str | None
    number: int | None
    position: int | None
    author: str | None
    posted_at: datetime
    posted_local: str
    text: str
    html: str | None
    first_seen_at: datetime
    vanished_at: datetime | None

    @property
    def vanished(self) -> bool:
        """Whether the site no longer listed it."""
        return self.vanished_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadArticle:
    """An article with all its comments, in the site's order; otherwise as a comment."""

    source: str
    external_id: str
    date: date
    section: int | None
    section_name: str | None
    category: str | None
    title: str
    link: str | None
    outlet: str | None
    posted_by: str | None
    posted_at: datetime | None
    posted_local: str | None
    label: str | None
    text: str
    text_original: str | None
    html: str | None
    first_seen_at: datetime
    vanished_at: datetime | None
    comments: tuple[ThreadComment, ...]

    @property
    def vanished(self) -> bool:
        """Whether the site no longer listed it."""
        return self.vanished_at is not None
