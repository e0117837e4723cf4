"""The markup of a post of XenForo 2.x."""

from parsers.engines.tree import attribute_of
from parsers.engines.xenforo.post import PostMarkup
from parsers.html import Node

# <h4 class="message-name"><a class="username" data-user-id="7">Olga</a></h4>
AUTHOR_ID = ".message-name [data-user-id], .message-user [data-user-id]"


def _named_author(post: Node) -> str | None:
    return attribute_of(post, AUTHOR_ID, "data-user-id")


MARKUP = PostMarkup(
    # <article class="message message--post" data-content="post-34" id="js-post-34">
    posts="article.message--post, article.message[data-content^=post-], article.message[id^=js-post-]",
    ids=(("data-content", "post-"), ("id", "js-post-")),
    # <ul class="message-attribution-opposite"><li><a href="/threads/.../post-34">#3</a></li></ul>
    numbers=".message-attribution-opposite li, .message-attribution-opposite a, .message-header a",
    times=(
        # <time class="u-dt" datetime="2018-03-23T01:35:00-0400" data-time="1521783300">
        ".message-attribution time, .message-header time",
        # A skin may print the time as the words of the post's link.
        ".message-attribution-main a, .message-header a",
        "time",
    ),
    # <div class="message-lastEdit">Last edited: <time>...</time></div>
    edited=".message-lastEdit time",
    # A quoted post's date, and those of a signature, are not when this one was written.
    other_times=frozenset(
        {"message-body", "message-lastEdit", "message-signature", "message-userExtras", "message-footer"}
    ),
    author=".message-name .username, .message-name, .message-articleUserName .username",
    author_link=".message-name a.username[href]",
    author_id=_named_author,
    texts=(".message-body .bbWrapper", ".message-body"),
    deleted=frozenset({"message--deleted", "is-deleted", "message--deletedPlaceholder"}),
)
