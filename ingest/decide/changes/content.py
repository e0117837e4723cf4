"""The content of an article and of a comment, without its page: the part that has versions.

Views, ids and dates of sighting are not content. Two contents are equal if the site shows the same.
"""

import hashlib
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, TypeVar

from parsers.records import Article, Comment, storable


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleContent:
    """The fields of an article that make a new version when one of them changes."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentContent:
    """The fields of a comment that make a new version when one of them changes."""

    number: int | None
    author: str | None
    posted_at: datetime
    posted_local: str
    text: str
    html: str | None
    parent_external_id: str | None = None
    position: int | None = field(default=None, compare=False)
    """Its rank in the thread, which other comments' coming and going changes: no version is made of it."""


Content = ArticleContent | CommentContent
ContentT = TypeVar("ContentT", ArticleContent, CommentContent)

ARTICLE_FIELDS = tuple(one.name for one in fields(ArticleContent))
COMMENT_FIELDS = tuple(one.name for one in fields(CommentContent))
DIGESTED = {
    ArticleContent: sorted(ARTICLE_FIELDS),
    CommentContent: sorted({*COMMENT_FIELDS} - {"position"}),
}
NEWER_FIELDS = frozenset({"parent_external_id", "position"})
"""Fields that are newer than the digests: an empty one is left out, so that the others stay valid."""


def article_content(article: Article) -> ArticleContent:
    """The content of a parsed article, in the form in which it will be stored."""
    return ArticleContent(**{name: _stored_form(getattr(article, name)) for name in ARTICLE_FIELDS})


def comment_content(comment: Comment) -> CommentContent:
    """The content of a parsed comment, in the form in which it will be stored."""
    return CommentContent(**{name: _stored_form(getattr(comment, name)) for name in COMMENT_FIELDS})


def renewed(held: ContentT, incoming: ContentT, silent: frozenset[str]) -> ContentT:
    """The held content, overwritten by the page's; fields that the page does not show are kept."""
    # A page that shows no ranks, such as one of late comments, takes none away.
    if position_of(incoming) is None and position_of(held) is not None:
        silent |= {"position"}
    if not silent:
        return incoming
    return replace(held, **{name: getattr(incoming, name) for name in _names(held) if name not in silent})


def filled(held: ContentT, incoming: ContentT) -> ContentT:
    """The held content, with only its empty fields taken from the page."""
    # None is "not known", an empty text is "shown to be empty": that is no gap.
    gaps = [name for name in _names(held) if getattr(held, name) is None]
    return replace(held, **{name: getattr(incoming, name) for name in gaps}) if gaps else held


def is_stub(content: Content) -> bool:
    """Whether it says nothing of an article, which was only named by a page of its comments."""
    if not isinstance(content, ArticleContent):
        return False
    return not (content.title or content.text or content.posted_at or content.link or content.posted_by)


def position_of(content: Content) -> int | None:
    """The rank in the thread, where a page shows one."""
    return content.position if isinstance(content, CommentContent) else None


def digest_of(content: Content) -> str:
    """SHA-256 (hex) over the content's canonical form, which no parser and no field's order can change.

    That is a JSON object in ASCII, its keys sorted, without a blank. Every row of every page has one: written
    here it takes half as long as by the encoder.
    """
    values = [(name, getattr(content, name)) for name in DIGESTED[type(content)]]
    members = [
        f'"{name}":{_canonical(value)}'
        for name, value in values
        if value is not None or name not in NEWER_FIELDS
    ]
    return hashlib.sha256(f"{{{','.join(members)}}}".encode("ascii")).hexdigest()


def _names(content: Content) -> tuple[str, ...]:
    return ARTICLE_FIELDS if isinstance(content, ArticleContent) else COMMENT_FIELDS


# Fields are walked by name, and a name says nothing about its type: hence Any.
def _stored_form(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def _canonical(value: str | int | date | None) -> str:
    if isinstance(value, str):
        return quoted(value)
    # Before date: a datetime is one to Python.
    if isinstance(value, datetime):
        # One form for one instant, whatever zone and precision a parser gives it.
        return f'"{value.astimezone(UTC).isoformat(timespec="microseconds")}"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return "null" if value is None else str(value)
