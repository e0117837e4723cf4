"""The markup of a post in the Fora skin of XenForo 2.x, whose replies stand below the posts they answer."""

from parsers.engines.tree import attribute_of
from parsers.engines.xenforo.post import PostMarkup
from parsers.html import Node

# <a class="MessageCard__user-info__name" data-user-id="7">Olga</a>
AUTHOR = "a.MessageCard__user-info__name, .MessageCard__user-info__name"


def _named_author(post: Node) -> str | None:
    return attribute_of(post, f":is({AUTHOR})[data-user-id]", "data-user-id")


MARKUP = PostMarkup(
    # The opening post is such a card, and not an article as the others are.
    posts=".MessageCard[id^=js-post-]",
    ids=(("id", "js-post-"),),
    # <a class="MessageCard__post-position">#3</a>
    numbers=".MessageCard__post-position",
    times=(".MessageCard__date-created time",),
    edited=".message-lastEdit time",
    other_times=frozenset({"message-body", "message-lastEdit", "message-signature", "message-footer"}),
    author=AUTHOR,
    author_link="a.MessageCard__user-info__name[href]",
    author_id=_named_author,
    texts=(".message-body .bbWrapper", ".message-body"),
    deleted=frozenset({"MessageCard--deleted", "is-deleted"}),
)
