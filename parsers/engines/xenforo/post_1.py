"""One post of XenForo 1.x."""

import re

from parsers.engines.records import EngineComment, Moment
from parsers.engines.tree import attribute_of, classes, first_text, shown_text, text_of
from parsers.engines.xenforo.addresses import POST, member_id_of
from parsers.engines.xenforo.post import PostContext, is_unshown, post_number, stands_in
from parsers.engines.xenforo.times import moment_of
from parsers.errors import FieldMissing
from parsers.html import Node, attribute

POSTS = "li.message[id^=post-]"
NUMBER = "a.postNumber, .postNumber"
TIMES = ".messageMeta .DateTime, .messageDetails .DateTime, .datePermalink .DateTime, .datePermalink.DateTime"
ANY_TIME = ".DateTime"
EDITED = ".editDate .DateTime"
ELSEWHERE = frozenset({"messageText", "editDate", "signature", "likesSummary", "extraUserInfo"})
"""Parts of a post whose times are not the post's own."""

AUTHOR = ".messageUserBlock .username, .userText .username, .messageMeta .author"
AUTHOR_LINK = ".messageUserBlock a.username[href], .messageMeta a.author[href], a.username.author[href]"
AVATAR = ".avatar"
AVATAR_OF = re.compile(r"Av([0-9]+)[sml]")
TEXT = "blockquote.messageText, .messageText"
DELETED = frozenset({"deleted", "placeholder"})


def posts_of(nodes: list[Node]) -> dict[str, Node]:
    """The posts by their ids."""
    found = ((POST.fullmatch(attribute(node, "id") or ""), node) for node in nodes)
    return {match[1]: node for match, node in found if match is not None}


def time_node(post: Node) -> Node | None:
    """The element that shows when a post was written."""
    times = (*post.css(TIMES), *post.css(ANY_TIME))
    return next((node for node in times if not stands_in(node, post, ELSEWHERE)), None)


def read_post(post: Node, position: int, context: PostContext) -> EngineComment:
    """A post with everything that its markup says.

    Raises:
        FieldMissing: its author, time or text is absent.
        FieldMalformed: its time cannot be read.
    """
    post_id = (attribute(post, "id") or "").removeprefix("post-")
    deleted = not DELETED.isdisjoint(classes(post))
    body = post.css_first(TEXT)
    if body is None and not deleted:
        raise FieldMissing("comment.text", context.raw.url, of=f"post {post_id}")
    return EngineComment(
        entry_id=context.thread_id,
        external_id=post_id,
        number=post_number([text_of(node) for node in post.css(NUMBER)]),
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


def _author(post: Node, post_id: str, context: PostContext) -> str:
    author = (attribute(post, "data-author") or "").strip() or first_text(post, AUTHOR)
    if author is None:
        raise FieldMissing("comment.author", context.raw.url, of=f"post {post_id}")
    return author


def _author_id(post: Node) -> str | None:
    avatar = post.css_first(AVATAR)
    for name in classes(avatar) if avatar is not None else ():
        if (found := AVATAR_OF.fullmatch(name)) and found[1] != "0":
            return found[1]
    return member_id_of(attribute_of(post, AUTHOR_LINK, "href") or "")


def _posted(post: Node, post_id: str, context: PostContext) -> Moment:
    node = time_node(post)
    if node is None:
        raise FieldMissing("comment.posted_at", context.raw.url, of=f"post {post_id}")
    return moment_of(node, context.raw, field="comment.posted_at", order=context.order)


def _edited(post: Node, context: PostContext) -> Moment | None:
    node = post.css_first(EDITED)
    if node is None:
        return None
    return moment_of(node, context.raw, field="comment.edited_at", order=context.order)
