"""The truth of a board of XenForo: forums, threads and posts, with what guests see of them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A forum; guests may not enter one for ``members_only``."""

    id: int
    title: str
    members_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread; ``merged_into`` is where its address leads since its posts were put there."""

    id: int
    node: int
    title: str
    sticky: bool = False
    deleted: bool = False
    merged_into: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of another in front of a post's own."""

    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post; it has no number of its own, ``user_id`` None is a guest."""

    id: int
    thread: int
    author: str
    user_id: int | None
    posted: datetime
    text: str
    edited: datetime | None = None
    quote: Quote | None = None
    deleted: bool = False

    @property
    def shown_text(self) -> str:
        """What guests read, on one line, the quotation with it."""
        quoted = f"{self.quote.author} said: {self.quote.text} " if self.quote is not None else ""
        return " ".join(f"{quoted}{self.text}".split())


def slug_of(title: str, external_id: int) -> str:
    """``a-title.12``: a thread or forum in an address."""
    words = "-".join(word for word in title.lower().split() if word.isalnum())
    return f"{words}.{external_id}" if words else f"{external_id}"


def _nodes() -> dict[int, Node]:
    return {4: Node(id=4, title="Knots and ropes"), 6: Node(id=6, title="Crew", members_only=True)}


@dataclass(slots=True, kw_only=True)
class Board:
    """A board of XenForo; ``zone`` is that of the times it prints."""

    name: str = "The Slip & Winch"
    zone: str = "Europe/Berlin"
    nodes: dict[int, Node] = field(default_factory=_nodes)
    threads: dict[int, Thread] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    next_thread: int = 301
    next_post: int = 9001

    def local(self, moment: datetime) -> datetime:
        """An instant on the board's clock, without a zone."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def add_thread(
        self,
        posted: datetime,
        title: str | None = None,
        text: str = "Which knot holds?\n\nMine slipped.",
        *,
        author: str = "Bowline",
        node: int = 4,
        sticky: bool = False,
    ) -> Thread:
        """One thread more, with its opening post."""
        thread_id, self.next_thread = self.next_thread, self.next_thread + 1
        title = title or f"Knot {thread_id} & others"
        self.threads[thread_id] = Thread(id=thread_id, node=node, title=title, sticky=sticky)
        self.add_post(thread_id, author, text, posted=posted)
        return self.threads[thread_id]

    def add_post(
        self,
        thread_id: int,
        author: str,
        text: str,
        *,
        posted: datetime | None = None,
        guest: bool = False,
        quote: Quote | None = None,
    ) -> Post:
        """One post more, an hour after the last one if no time is given."""
        post_id, self.next_post = self.next_post, self.next_post + 1
        if posted is None:
            posted = max(post.posted for post in self._all_posts(thread_id)) + timedelta(hours=1)
        user_id = None if guest else self.users.setdefault(author, len(self.users) + 7)
        post = Post(
            id=post_id,
            thread=thread_id,
            author=author,
            user_id=user_id,
            posted=posted,
            text=text,
            quote=quote,
        )
        self.posts[post_id] = post
        return post

    def fill(self, thread_id: int, posts: int) -> None:
        """Posts until the thread has so many, a minute apart."""
        first = self.shown(thread_id)[-1].posted
        for place in range(posts - len(self.shown(thread_id))):
            when = first + timedelta(minutes=place + 1)
            self.add_post(thread_id, "Hitch", f"Knot number {place}.", posted=when)

    def edit(self, post_id: int, text: str, *, at: datetime | None = None) -> None:
        """Other words in a post, and the line that says when."""
        old = self.posts[post_id]
        self.posts[post_id] = replace(old, text=text, edited=at or old.posted + timedelta(hours=2))

    def delete(self, post_id: int) -> None:
        """Delete a post: guests do not see it, and the numbers behind it move up."""
        self.posts[post_id] = replace(self.posts[post_id], deleted=True)

    def restore(self, post_id: int) -> None:
        """Undelete a post: the numbers behind it move down again."""
        self.posts[post_id] = replace(self.posts[post_id], deleted=False)

    def delete_thread(self, thread_id: int) -> None:
        """Take a thread away from guests."""
        self.threads[thread_id] = replace(self.threads[thread_id], deleted=True)

    def restore_thread(self, thread_id: int) -> None:
        """Bring a thread back."""
        self.threads[thread_id] = replace(self.threads[thread_id], deleted=False)

    def rename(self, thread_id: int, title: str) -> None:
        """Another title: the old address redirects."""
        self.threads[thread_id] = replace(self.threads[thread_id], title=title)

    def move_thread(self, thread_id: int, node: int) -> None:
        """Put a thread into another forum; its address stays."""
        self.threads[thread_id] = replace(self.threads[thread_id], node=node)

    def merge(self, thread_id: int, into: int) -> None:
        """Put a thread's posts into another, by their times; the old address redirects to that."""
        for post in self._all_posts(thread_id):
            self.posts[post.id] = replace(post, thread=into)
        self.threads[thread_id] = replace(self.threads[thread_id], merged_into=into)

    def move(self, post_id: int, to: int) -> None:
        """Put a post into another thread, by its time."""
        self.posts[post_id] = replace(self.posts[post_id], thread=to)

    def shown(self, thread_id: int) -> list[Post]:
        """What guests should hold of a thread: a post's number is its place here, from 1."""
        posts = [post for post in self._all_posts(thread_id) if not post.deleted]
        return sorted(posts, key=lambda post: (post.posted, post.id))

    def listed(self, node_id: int) -> list[Thread]:
        """The threads that guests find in a forum; of a merged one its address is left there."""
        return [t for t in self.threads.values() if t.node == node_id and not t.deleted]

    def _all_posts(self, thread_id: int) -> list[Post]:
        return [post for post in self.posts.values() if post.thread == thread_id]


def small_board(*, threads: tuple[int, ...] = (4, 1, 7), day: datetime | None = None) -> Board:
    """A day with a thread for every number of posts; each third quotes, each fourth is a guest's."""
    board = Board()
    start = day or datetime(2024, 5, 1, 6, tzinfo=UTC)
    for place, length in enumerate(threads):
        thread = board.add_thread(start + timedelta(hours=place))
        for number in range(2, length + 1):
            quote = (
                Quote(author="Reef", text="see #3 of May 1, 1999 at 3:00 AM.") if number % 3 == 0 else None
            )
            text = f"Answer {number} to {thread.id} & more.\n\nUse “hemp”."
            board.add_post(thread.id, f"Hand {number}", text, guest=number % 4 == 0, quote=quote)
    return board
