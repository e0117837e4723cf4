"""The truth of a forum of Discourse: topics and posts, with what guests see of them."""

import html
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from parsers.engines.records import CommentState

REGULAR, MODERATOR, ACTION, WHISPER = 1, 2, 3, 4
HIDDEN_TEXT = "Some readers flagged this, so it is not shown."
USER_DELETED_TEXT = "(its author took this back)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic; ``deleted`` is gone for guests, ``visible`` False is not listed and can still be asked for."""

    id: int
    title: str
    category: int
    created: datetime
    author: str
    pinned: bool = False
    closed: bool = False
    visible: bool = True
    deleted: bool = False

    @property
    def slug(self) -> str:
        """The topic's name in addresses, which is never a number."""
        slug = "-".join(word for word in self.title.lower().split() if word.isalnum())
        return "topic" if not slug or slug.isdigit() else slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post; ``number`` is never given twice in a topic, ``reply_to`` is a number."""

    id: int
    topic: int
    number: int
    author: str
    created: datetime
    updated: datetime
    text: str
    version: int = 1
    reply_to: int | None = None
    kind: int = REGULAR
    action_code: str | None = None
    hidden: bool = False
    user_deleted: bool = False
    deleted: bool = False

    @property
    def shown_text(self) -> str:
        """What guests read in the post's place."""
        if self.user_deleted:
            return USER_DELETED_TEXT
        return HIDDEN_TEXT if self.hidden else self.text

    @property
    def state(self) -> CommentState:
        """What a reader should say of it."""
        if self.kind == ACTION:
            return "action"
        return "deleted" if self.user_deleted else ("hidden" if self.hidden else "shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category, of another one if it has a ``parent``; guests may not enter a ``closed`` one."""

    id: int
    name: str
    closed: bool = False
    parent: int | None = None

    @property
    def slug(self) -> str:
        """The category's name in addresses."""
        return self.name.lower().replace(" ", "-")


def _categories() -> dict[int, Category]:
    named = (Category(id=5, name="Boats"), Category(id=6, name="Crew room", closed=True))
    return {category.id: category for category in named}


@dataclass(slots=True, kw_only=True)
class Forum:
    """A forum of Discourse."""

    name: str = "The Boat Shed"
    topics: dict[int, Topic] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    categories: dict[int, Category] = field(default_factory=_categories)
    users: dict[str, int] = field(default_factory=lambda: {"system": -1})
    next_topic: int = 71
    next_post: int = 501

    def user_id(self, name: str) -> int:
        """The id of a user, who gets one when asked for first."""
        return self.users.setdefault(name, len(self.users) + 7)

    def add_topic(
        self,
        created: datetime,
        title: str | None = None,
        text: str = "My punt leaks at the third plank.\n\nWhat to do?",
        *,
        author: str = "tarred_rope",
        category: int = 5,
        pinned: bool = False,
        visible: bool = True,
    ) -> Topic:
        """One topic more, with its opening post."""
        topic_id, self.next_topic = self.next_topic, self.next_topic + 1
        topic = Topic(
            id=topic_id,
            title=title or f"Question {topic_id} of the shed",
            category=category,
            created=created,
            author=author,
            pinned=pinned,
            visible=visible,
        )
        self.topics[topic_id] = topic
        self.add_post(topic_id, author, text, created=created)
        return topic

    def add_post(
        self,
        topic_id: int,
        author: str,
        text: str,
        *,
        created: datetime | None = None,
        reply_to: int | None = None,
        kind: int = REGULAR,
        action_code: str | None = None,
    ) -> Post:
        """One post more, an hour after the last one if no time is given."""
        post_id, self.next_post = self.next_post, self.next_post + 1
        others = self.all_posts(topic_id)
        when = created or max(post.created for post in others) + timedelta(hours=1)
        self.user_id(author)
        post = Post(
            id=post_id,
            topic=topic_id,
            number=max((post.number for post in others), default=0) + 1,
            author=author,
            created=when,
            updated=when,
            text=text,
            reply_to=reply_to,
            kind=kind,
            action_code=action_code,
        )
        self.posts[post_id] = post
        return post

    def add_action(self, topic_id: int, action_code: str = "closed.enabled") -> Post:
        """A row about the topic: it has an id, a number and no words."""
        return self.add_post(topic_id, "system", "", kind=ACTION, action_code=action_code)

    def add_whisper(self, topic_id: int, text: str = "For the crew.") -> Post:
        """A post for the staff: guests see no more of it than its missing number."""
        return self.add_post(topic_id, "boatswain", text, kind=WHISPER)

    def edit(self, post_id: int, text: str, *, at: datetime | None = None) -> None:
        """Other words in a post: no listing tells of it."""
        old = self.posts[post_id]
        updated = at or old.updated + timedelta(hours=1)
        self.posts[post_id] = replace(old, text=text, version=old.version + 1, updated=updated)

    def like(self, post_id: int) -> None:
        """Move ``updated_at`` without an edit."""
        old = self.posts[post_id]
        self.posts[post_id] = replace(old, updated=old.updated + timedelta(hours=1))

    def delete(self, post_id: int) -> None:
        """Take a post out of the stream; its number is not given again."""
        self.posts[post_id] = replace(self.posts[post_id], deleted=True)

    def restore(self, post_id: int) -> None:
        """Bring back what was deleted, hidden or taken back."""
        self.posts[post_id] = replace(self.posts[post_id], deleted=False, hidden=False, user_deleted=False)

    def user_delete(self, post_id: int) -> None:
        """The author takes the post back: it stays in the stream with other words."""
        old = self.posts[post_id]
        self.posts[post_id] = replace(old, user_deleted=True, version=old.version + 1)

    def hide(self, post_id: int) -> None:
        """Readers flagged the post: it stays in the stream with other words."""
        self.posts[post_id] = replace(self.posts[post_id], hidden=True)

    def move(self, post_id: int, to: int) -> None:
        """Put a post at the end of another topic, with a number of that topic."""
        number = max(post.number for post in self.all_posts(to)) + 1
        self.posts[post_id] = replace(self.posts[post_id], topic=to, number=number, reply_to=None)

    def pin(self, topic_id: int, *, pinned: bool = True) -> None:
        """Pin a topic, or unpin it."""
        self.topics[topic_id] = replace(self.topics[topic_id], pinned=pinned)

    def rename(self, topic_id: int, title: str) -> None:
        """Another title, and with it another slug: the old address redirects."""
        self.topics[topic_id] = replace(self.topics[topic_id], title=title)

    def delete_topic(self, topic_id: int) -> None:
        """Take a topic away from guests."""
        self.topics[topic_id] = replace(self.topics[topic_id], deleted=True)

    def restore_topic(self, topic_id: int) -> None:
        """Bring a topic back."""
        self.topics[topic_id] = replace(self.topics[topic_id], deleted=False)

    def all_posts(self, topic_id: int) -> list[Post]:
        """Every post that a topic ever had."""
        return [post for post in self.posts.values() if post.topic == topic_id]

    def stream(self, topic_id: int) -> list[Post]:
        """What guests should hold of a topic, rows about it among them, in the order of numbers."""
        shown = (post for post in self.all_posts(topic_id) if not post.deleted and post.kind != WHISPER)
        return sorted(shown, key=lambda post: post.number)

    def put(self, topic_id: int, category: int) -> None:
        """Put a topic into another category."""
        self.topics[topic_id] = replace(self.topics[topic_id], category=category)

    def path(self, category_id: int) -> str:
        """What stands for a category in addresses, before its id: its parent's slug and its own."""
        category = self.categories[category_id]
        above = f"{self.path(category.parent)}/" if category.parent is not None else ""
        return f"{above}{category.slug}"

    def listed(self, category: int | None = None, *, alone: bool = False) -> list[Topic]:
        """The topics that guests find in listings; a category's with those of its own, unless ``alone``."""
        return [
            topic
            for topic in self.topics.values()
            if topic.visible
            and not topic.deleted
            and not self.categories[topic.category].closed
            and (category in {None, topic.category} or (not alone and category == self._above(topic)))
        ]

    def _above(self, topic: Topic) -> int | None:
        return self.categories[topic.category].parent

    def last_posted(self, topic_id: int) -> datetime:
        """When the last post of a reader was written; it is what moves a topic up, too."""
        times = (post.created for post in self.stream(topic_id) if post.kind != ACTION)
        return max(times, default=self.topics[topic_id].created)


def cooked(text: str) -> str:
    """A text as markup; a row about a topic has none."""
    return "\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in text.split("\n\n") if part)


def line(text: str) -> str:
    """A text as one line, as a reader of its markup has it."""
    return " ".join(text.split())


def small_forum(*, topics: tuple[int, ...] = (4, 1, 7), day: datetime | None = None) -> Forum:
    """A day with a topic for every number of posts; each third post replies to the one before."""
    forum = Forum()
    start = day or datetime(2024, 5, 1, 6, tzinfo=UTC)
    for place, length in enumerate(topics):
        topic = forum.add_topic(start + timedelta(hours=place))
        for number in range(2, length + 1):
            text = f"Answer {number} to {topic.id} & more.\n\nUse “oakum”."
            reply_to = number - 1 if number % 3 == 0 else None
            forum.add_post(topic.id, f"caulker{number}", text, reply_to=reply_to)
    return forum
