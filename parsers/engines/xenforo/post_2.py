"""One post of XenForo 2.x."""

from parsers.engines.records import EngineComment, Moment
from parsers.engines.tree import attribute_of, classes, first_text, shown_text, text_of
from parsers.engines.xenforo.addresses import POST, member_id_of
from parsers.engines.xenforo.post import PostContext, is_unshown, post_number, stands_in
from parsers.engines.xenforo.times import moment_of
from parsers.errors import FieldMissing
from parsers.html import Node, attribute

POSTS = "article.message--post, article.message[data-content^=post-], article.message[id^=js-post-]"
NUMBER_PLACES = ".message-attribution-opposite li, .message-attribution-opposite a, .message-header a"
TIME = ".message-attribution time, .message-header time"
TIME_IN_WORDS = ".message-attribution-main a, .message-header a"
ANY_TIME = "time"
ELSEWHERE = frozenset(
    {"message-body", "message-lastEdit", "message-signature", "message-userExtras", "message-footer"}
)
"""Parts of a post whose times are not the post's own."""

EDITED = ".message-lastEdit time"
AUTHOR = ".message-name .username, .message-name, .message-articleUserName .username"
AUTHOR_ID = ".message-name [data-user-id], .message-user [data-user-id]"
AUTHOR_LINK = ".message-name a.username[href]"
TEXT = ".message-body .bbWrapper"
WHOLE_TEXT = ".message-body"
GUEST = "0"
DELETED = frozenset({"message--deleted", "is-deleted", "message--deletedPlaceholder"})


def posts_of(nodes: list[Node]) -> dict[str, Node]:
    """The posts by their ids; one that is shown again, as an answer chosen for the top is, counts once."""
    posts: dict[str, Node] = {}
    for node in nodes:
        if (post_id := _id_of(node)) is not None:
            known = posts.get(post_id)
            if known is None or post_number(_number_words(known)) is None:
                posts[post_id] = node
    return posts


def time_node(post: Node) -> Node | None:
    """The element that shows when a post was written."""
    named = post.css_first(TIME) or post.css_first(TIME_IN_WORDS)
    times = (node for node in post.css(ANY_TIME) if not stands_in(node, post, ELSEWHERE))
    return named or next(times, None)


def read_post(post: Node, position: int, context: PostContext) -> EngineComment:
    """A post with everything that its markup says.

    Raises:
        FieldMissing: its author, time or text is absent.
        FieldMalformed: its time cannot be read.
    """
    post_id = _id_of(post)
    deleted = not DELETED.isdisjoint(classes(post))
    body = post.css_first(TEXT) or post.css_first(WHOLE_TEXT)
    if body is None and not deleted:
        raise FieldMissing("comment.text", context.raw.url, of=f"post {post_id}")
    return EngineComment(
        entry_id=context.thread_id,
        external_id=post_id,
        number=post_number(_number_words(post)),
        position=position,
        parent_external_id=None,
        parent_number=None,
        author=_author(post, post_id, context),
        author_id=_author_id(post),
        posted=_posted(post, post_id, context),
        edited=_edited(post, context),
        text=shown_text(body, is_unshown) if body is not None else "",
        html=body.inner_html if body is not None else None,
        state="deleted" if deleted else "shown",
    )


def _id_of(post: Node) -> str | None:
    for name, prefix in (("data-content", "post-"), ("id", "js-post-")):
        value = attribute(post, name) or ""
        if value.startswith(prefix) and (found := POST.fullmatch(value.removeprefix("js-"))):
            return found[1]
    return None


def _number_words(post: Node) -> list[str]:
    return [text_of(node) for node in post.css(NUMBER_PLACES)]


def _author(post: Node, post_id: str | None, context: PostContext) -> str:
    author = (attribute(post, "data-author") or "").strip() or first_text(post, AUTHOR)
    if author is None:
        raise FieldMissing("comment.author", context.raw.url, of=f"post {post_id}")
    return author


def _author_id(post: Node) -> str | None:
    author_id = attribute_of(post, AUTHOR_ID, "data-user-id")
    if author_id is None:
        author_id = member_id_of(attribute_of(post, AUTHOR_LINK, "href") or "")
    return None if author_id == GUEST else author_id


def _posted(post: Node, post_id: str | None, context: PostContext) -> Moment:
    node = time_node(post)
    if node is None:
        raise FieldMissing("comment.posted_at", context.raw.url, of=f"post {post_id}")
    return moment_of(node, context.raw, field="comment.posted_at", order=context.order)


def _edited(post: Node, context: PostContext) -> Moment | None:
    node = post.css_first(EDITED)
    if node is None:
        return None
    return moment_of(node, context.raw, field="comment.edited_at", order=context.order)
