"""The truth of a blog: its articles and their comments, as its database has them."""

import html
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

Visibility = Literal["public", "private", "password", "trash"]
Kind = Literal["comment", "pingback", "trackback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An article; ``posted`` and ``modified`` are in UTC. Blank lines divide the paragraphs of a text."""

    id: int
    title: str
    author: str
    posted: datetime
    modified: datetime
    text: str
    visibility: Visibility = "public"
    sticky: bool = False
    categories: tuple[int, ...] = (1,)

    @property
    def slug(self) -> str:
        """The article's name in addresses."""
        return "-".join(word for word in self.title.lower().split() if word.isalnum()) or f"article-{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment or a pingback; ``parent`` 0 is none, and ``user_id`` 0 is a guest."""

    id: int
    post: int
    author: str
    posted: datetime
    text: str
    parent: int = 0
    user_id: int = 0
    kind: Kind = "comment"
    approved: bool = True


@dataclass(slots=True, kw_only=True)
class Blog:
    """A site of WordPress; ``zone`` None has ``offset_hours`` in its place, and no ``timezone_string``."""

    name: str = "The Quay & Crane"
    zone: str | None = "Europe/Berlin"
    offset_hours: float = 0
    language: str = "en-US"
    categories: dict[int, str] = field(default_factory=lambda: {1: "News", 4: "Cranes", 7: "Ships"})
    posts: dict[int, Post] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    next_post: int = 101
    next_comment: int = 11

    @property
    def tz(self) -> tzinfo:
        """The zone of the site's clock."""
        return ZoneInfo(self.zone) if self.zone else timezone(timedelta(hours=self.offset_hours))

    def local(self, moment: datetime) -> datetime:
        """An instant on the site's clock, without a zone."""
        return moment.astimezone(self.tz).replace(tzinfo=None)

    def add_post(
        self,
        posted: datetime,
        title: str | None = None,
        text: str = "The crane stood still.\n\nThen it turned.",
        *,
        author: str = "Harbour Master",
        visibility: Visibility = "public",
        sticky: bool = False,
        categories: tuple[int, ...] = (1,),
    ) -> Post:
        """One article more."""
        post_id, self.next_post = self.next_post, self.next_post + 1
        post = Post(
            id=post_id,
            title=title or f"Report {post_id} of the quay",
            author=author,
            posted=posted,
            modified=posted,
            text=text,
            visibility=visibility,
            sticky=sticky,
            categories=categories,
        )
        self.posts[post_id] = post
        return post

    def edit_post(self, post_id: int, text: str, *, at: datetime | None = None) -> None:
        """Other words in an article, whose time of change moves."""
        old = self.posts[post_id]
        self.posts[post_id] = replace(old, text=text, modified=at or old.modified + timedelta(hours=1))

    def set_visibility(self, post_id: int, visibility: Visibility) -> None:
        """Hide an article, or show it again: ``trash`` takes it off the site with its comments."""
        self.posts[post_id] = replace(self.posts[post_id], visibility=visibility)

    def put(self, post_id: int, *categories: int) -> None:
        """Put an article into other categories."""
        self.posts[post_id] = replace(self.posts[post_id], categories=categories)

    def delete_post(self, post_id: int) -> None:
        """Delete an article and its comments for ever."""
        del self.posts[post_id]
        self.comments = {key: comment for key, comment in self.comments.items() if comment.post != post_id}

    def add_comment(
        self,
        post_id: int,
        author: str,
        text: str,
        *,
        posted: datetime | None = None,
        parent: int = 0,
        kind: Kind = "comment",
        user_id: int = 0,
    ) -> Comment:
        """One comment more, an hour after the last one if no time is given."""
        comment_id, self.next_comment = self.next_comment, self.next_comment + 1
        times = [comment.posted for comment in self.comments.values() if comment.post == post_id]
        comment = Comment(
            id=comment_id,
            post=post_id,
            author=author,
            posted=posted or max(times, default=self.posts[post_id].posted) + timedelta(hours=1),
            text=text,
            parent=parent,
            user_id=user_id,
            kind=kind,
        )
        self.comments[comment_id] = comment
        return comment

    def edit(self, comment_id: int, text: str) -> None:
        """Other words in a comment: nothing else tells of it."""
        self.comments[comment_id] = replace(self.comments[comment_id], text=text)

    def delete(self, comment_id: int) -> None:
        """Put a comment into the trash; replies keep it as their parent."""
        self.comments[comment_id] = replace(self.comments[comment_id], approved=False)

    def restore(self, comment_id: int) -> None:
        """Take a comment out of the trash."""
        self.comments[comment_id] = replace(self.comments[comment_id], approved=True)

    def delete_for_ever(self, comment_id: int) -> None:
        """Delete a comment; its replies move up to its parent."""
        gone = self.comments.pop(comment_id)
        for key, comment in self.comments.items():
            if comment.parent == comment_id:
                self.comments[key] = replace(comment, parent=gone.parent)

    def move(self, comment_id: int, to: int) -> None:
        """Put a comment under another article."""
        self.comments[comment_id] = replace(self.comments[comment_id], post=to, parent=0)

    def is_listed(self, post_id: int) -> bool:
        """Whether everybody finds an article in listings."""
        return post_id in self.posts and self.posts[post_id].visibility in {"public", "password"}

    def shows_comments(self, post_id: int) -> bool:
        """Whether everybody sees an article's comments."""
        return post_id in self.posts and self.posts[post_id].visibility == "public"

    def thread(self, post_id: int) -> list[Comment]:
        """What a reader should hold of an article, in order of id: comments without pingbacks."""
        return [comment for comment in self.responses(post_id) if comment.kind == "comment"]

    def responses(self, post_id: int) -> list[Comment]:
        """What a heading counts: pingbacks as well."""
        return sorted(
            (comment for comment in self.comments.values() if comment.post == post_id and comment.approved),
            key=lambda comment: comment.id,
        )


def paragraphs(text: str) -> str:
    """A text as markup."""
    return "".join(f"<p>{html.escape(part, quote=False)}</p>\n" for part in text.split("\n\n"))


def line(text: str) -> str:
    """A text as one line, as a reader of its markup has it."""
    return " ".join(text.split())


def utc(*parts: int) -> datetime:
    """An instant, by its year, month, day, hour, minute and second."""
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def small_blog(*, threads: tuple[int, ...] = (4, 0, 7), day: datetime | None = None) -> Blog:
    """A day with an article for every number of comments; each third comment replies to the one before."""
    blog = Blog()
    start = day or utc(2024, 5, 1, 6)
    for place, length in enumerate(threads):
        post = blog.add_post(start + timedelta(hours=place))
        last = 0
        for rank in range(1, length + 1):
            parent = last if rank % 3 == 0 else 0
            text = f"Remark {rank} on {post.id} & more.\n\nIt was “heavy”."
            last = blog.add_comment(post.id, f"Docker {rank} & son", text, parent=parent).id
    return blog
