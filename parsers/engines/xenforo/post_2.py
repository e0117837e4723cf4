"""The markup of a post of XenForo 2.x."""

from parsers.engines.tree import attribute_of
from parsers.engines.xenforo.post import PostMarkup
from parsers.html import Node

AUTHOR_ID = ".message-name [data-user-id], .message-user [data-user-id]"


def _named_author(post: Node) -> str | None:
    return attribute_of(post, AUTHOR_ID, "data-user-id")


MARKUP = PostMarkup(
    posts="article.message--post, article.message[data-content^=post-], article.message[id^=js-post-]",
    ids=(("data-content", "post-"), ("id", "js-post-")),
    numbers=".message-attribution-opposite li, .message-attribution-opposite a, .message-header a",
    times=(
        ".message-attribution time, .message-header time",
        # A skin may print the time as the words of the post's link.
        ".message-attribution-main a, .message-header a",
        "time",
    ),
    edited=".message-lastEdit time",
    other_times=frozenset(
        {"message-body", "message-lastEdit", "message-signature", "message-userExtras", "message-footer"}
    ),
    author=".message-name .username, .message-name, .message-articleUserName .username",
    author_link=".message-name a.username[href]",
    author_id=_named_author,
    texts=(".message-body .bbWrapper", ".message-body"),
    deleted=frozenset({"message--deleted", "is-deleted", "message--deletedPlaceholder"}),
)
