"""Posts of XenForo, read as the markup of their version is described: ``post_1``, ``post_2``."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from parsers.engines.counts import read_count
from parsers.engines.moments import with_instants
from parsers.engines.printed_dates import DayOrder
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, Moment
from parsers.engines.tree import attribute_of, classes, first_text, shown_text, text_of
from parsers.engines.xenforo.addresses import POST, member_id_of
from parsers.engines.xenforo.times import moment_of
from parsers.errors import FieldMissing, ParseError
from parsers.html import Node, attribute
from parsers.records import Unreadable

# <span class="username" data-user-id="0">Olga</span>
GUEST = "0"
# Western, Arabic and Persian digits: a board in Arabic prints its post numbers in them.
DIGITS = "0-9\u0660-\u0669\u06f0-\u06f9"
NUMBER = re.compile(rf"(?:[^#]*\s)?#\s?([{DIGITS}][{DIGITS}.,'\u2019\u066c\s]*?)(?:\s[^{DIGITS}].*)?")
"""``#1,234``, ``Post #7 of 12``."""

UNSHOWN = frozenset(
    (
        "bbCodeBlock-expandLink",
        "quoteExpand",
        "messageTextEndMarker",
        "js-selectToQuoteEnd",
        "bbCodeSpoiler-button",
    )
)
"""Buttons and marks within a post's text that are not the author's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostContext:
    """What is known of the page around a post."""

    raw: RawPage
    thread_id: str
    order: DayOrder | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMarkup:
    """Where a version of XenForo has the parts of a post: selectors, unless said otherwise.

    ``times`` and ``texts`` are asked in turn. ``ids`` are attributes, with what stands before an id in them;
    ``other_times`` and ``deleted`` are classes: of parts whose times are not the post's own, and of posts
    whose words are gone. ``author_id`` reads the member's id; 0 is a guest.
    """

    posts: str
    ids: tuple[tuple[str, str], ...]
    numbers: str
    times: tuple[str, ...]
    edited: str
    other_times: frozenset[str]
    author: str
    author_link: str
    author_id: Callable[[Node], str | None]
    texts: tuple[str, ...]
    deleted: frozenset[str]

    def posts_of(self, raw: RawPage) -> dict[str, Node]:
        """The posts by their ids; one shown twice, as an answer chosen for the top is, counts once."""
        posts: dict[str, Node] = {}
        for node in raw.page.select(self.posts):
            if (post_id := self._id_of(node)) is not None:
                known = posts.get(post_id)
                if known is None or self._number(known) is None:
                    posts[post_id] = node
        return posts

    def time_node(self, post: Node) -> Node | None:
        """The element that shows when a post was written."""
        nodes = (node for selector in self.times for node in post.css(selector))
        return next((node for node in nodes if not stands_in(node, post, self.other_times)), None)

    def read(self, post_id: str, post: Node, position: int, context: PostContext) -> EngineComment:
        """A post with everything that its markup says.

        Raises:
            FieldMissing: its author, time or text is absent.
            FieldMalformed: its time cannot be read.
        """
        deleted = not self.deleted.isdisjoint(classes(post))
        # A deleted post keeps its place and number, with a notice and no text.
        body = next((node for selector in self.texts if (node := post.css_first(selector)) is not None), None)
        if body is None and not deleted:
            raise FieldMissing("comment.text", context.raw.url, of=f"post {post_id}")
        author = self._author(post_id, post, context)
        posted = self._moment(self.time_node(post), context, field="comment.posted_at")
        if posted is None:
            raise FieldMissing("comment.posted_at", context.raw.url, of=f"post {post_id}")
        return EngineComment(
            entry_id=context.thread_id,
            external_id=post_id,
            number=self._number(post),
            position=position,
            parent_external_id=None,
            parent_number=None,
            author=author,
            author_id=self._author_id(post),
            posted=posted,
            edited=self._moment(post.css_first(self.edited), context, field="comment.edited_at"),
            text=shown_text(body, is_unshown) if body is not None else "",
            html=body.inner_html if body is not None else None,
            state="deleted" if deleted else "shown",
        )

    def _id_of(self, post: Node) -> str | None:
        for name, prefix in self.ids:
            value = attribute(post, name) or ""
            # data-content="post-34", id="js-post-34"
            if value.startswith(prefix) and (found := POST.fullmatch(value.removeprefix("js-"))):
                return found[1]
        return None

    def _number(self, post: Node) -> int | None:
        return post_number([text_of(node) for node in post.css(self.numbers)])

    def _author(self, post_id: str, post: Node, context: PostContext) -> str:
        # <article data-author="Olga">; some skins leave the attribute out.
        author = (attribute(post, "data-author") or "").strip() or first_text(post, self.author)
        if author is None:
            raise FieldMissing("comment.author", context.raw.url, of=f"post {post_id}")
        return author

    def _author_id(self, post: Node) -> str | None:
        author_id = self.author_id(post)
        if author_id is None or author_id == GUEST:
            author_id = member_id_of(attribute_of(post, self.author_link, "href") or "")
        return author_id

    def _moment(self, node: Node | None, context: PostContext, *, field: str) -> Moment | None:
        return moment_of(node, context.raw, field=field, order=context.order) if node is not None else None


def post_number(texts: list[str]) -> int | None:
    """The last ``#N`` among the words of a post's head; None where the skin prints none."""
    # Beside the number stand links without one, such as that which shares the post.
    for text in reversed(texts):
        found = NUMBER.fullmatch(text)
        count = read_count(found[1]) if found else None
        if count is not None and count.exact:
            return count.value
    return None


def is_unshown(node: Node) -> bool:
    """Whether an element within a post's text is a button or a mark."""
    return not UNSHOWN.isdisjoint(classes(node))


def stands_in(node: Node, post: Node, names: frozenset[str]) -> bool:
    """Whether a node of a post is, or stands in, an element of one of these classes."""
    parent: Node | None = node
    while parent is not None and parent.mem_id != post.mem_id:
        if not names.isdisjoint(classes(parent)):
            return True
        parent = parent.parent
    return False


def read_posts(
    nodes: dict[str, Node], markup: PostMarkup, context: PostContext
) -> tuple[tuple[EngineComment, ...], tuple[Unreadable, ...]]:
    """The posts that can be read, and those that cannot, by their ids.

    Raises:
        ParseError: no post can be read; the first one's error.
    """
    # One post with a broken time costs that post, not the page.
    comments: list[EngineComment] = []
    errors: list[tuple[str, ParseError]] = []
    for position, (post_id, node) in enumerate(nodes.items(), start=1):
        try:
            comments.append(markup.read(post_id, node, position, context))
        except ParseError as error:
            errors.append((post_id, error))
    if errors and not comments:
        raise errors[0][1]
    unreadable = tuple(
        Unreadable(article=context.thread_id, comment=post_id, reason=error.reason)
        for post_id, error in errors
    )
    return with_instants(comments, context.raw.zone), unreadable
