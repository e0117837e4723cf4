"""The markup of a post of XenForo 1.x."""

import re

from parsers.engines.tree import classes
from parsers.engines.xenforo.post import PostMarkup
from parsers.html import Node

# <a class="avatar Av7m" href="members/olga.7/">
AVATAR = ".avatar"
AVATAR_OF = re.compile(r"Av([0-9]+)[sml]")


def _avatar_owner(post: Node) -> str | None:
    avatar = post.css_first(AVATAR)
    found = (AVATAR_OF.fullmatch(name) for name in classes(avatar)) if avatar is not None else ()
    return next((match[1] for match in found if match is not None), None)


MARKUP = PostMarkup(
    # <li id="post-34" class="message" data-author="Olga">
    posts="li.message[id^=post-]",
    ids=(("id", "post-"),),
    # <a class="item muted postNumber hashPermalink" href="...">#3</a>
    numbers="a.postNumber, .postNumber",
    times=(
        # <abbr class="DateTime" data-time="1521783300">, <span class="DateTime" title="Mar 23, 2018 at ...">
        ".messageMeta .DateTime, .messageDetails .DateTime",
        ".datePermalink .DateTime, .datePermalink.DateTime",
        ".DateTime",
    ),
    edited=".editDate .DateTime",
    # What is quoted, edited or liked shows times of its own.
    other_times=frozenset({"messageText", "editDate", "signature", "likesSummary", "extraUserInfo"}),
    author=".messageUserBlock .username, .userText .username, .messageMeta .author",
    author_link=".messageUserBlock a.username[href], .messageMeta a.author[href], a.username.author[href]",
    author_id=_avatar_owner,
    texts=("blockquote.messageText, .messageText",),
    deleted=frozenset({"deleted", "placeholder"}),
)
