"""Topics, posts and listings as Discourse writes them in JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.site.engines.discourse.model import Forum, Post, Topic, cooked


def moment(when: datetime) -> str:
    """``2021-05-04T22:30:15.120Z``."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"


def post_object(forum: Forum, post: Post, fetch: int) -> dict[str, Any]:
    """A post; ``fetch`` moves what changes with every reading."""
    topic = forum.topics[post.topic]
    return {
        "id": post.id,
        "name": post.author.title(),
        "username": post.author,
        "avatar_template": "/letter/{size}.png",
        "created_at": moment(post.created),
        "cooked": cooked(post.shown_text),
        "post_number": post.number,
        "post_type": post.kind,
        "updated_at": moment(post.updated),
        "reply_count": sum(other.reply_to == post.number for other in forum.stream(post.topic)),
        "reply_to_post_number": post.reply_to,
        "quote_count": 0,
        "incoming_link_count": fetch,
        "reads": 4 + fetch,
        "readers_count": 3 + fetch,
        "score": 1.2 + fetch,
        "topic_id": post.topic,
        "topic_slug": topic.slug,
        "display_username": post.author.title(),
        "version": post.version,
        "hidden": post.hidden,
        "user_id": forum.user_id(post.author),
        "deleted_at": None,
        "user_deleted": post.user_deleted,
        "wiki": False,
        "moderator": False,
        "admin": False,
        "staff": False,
        "trust_level": 1,
    } | ({"action_code": post.action_code} if post.action_code else {})


def topic_object(
    forum: Forum, topic: Topic, shown: Sequence[Post], fetch: int, chunk_size: int
) -> dict[str, Any]:
    """A topic with the posts of one page, and the ids of all."""
    stream = forum.stream(topic.id)
    return {
        "post_stream": {
            "posts": [post_object(forum, post, fetch) for post in shown],
            "stream": [post.id for post in stream],
        },
        **_summary(forum, topic),
        "user_id": forum.user_id(topic.author),
        "word_count": 90,
        "deleted_at": None,
        "chunk_size": chunk_size,
        "participant_count": len({post.author for post in stream}),
        "views": 20 + fetch,
        "details": {"can_edit": False, "participants": []},
    }


def listing_object(forum: Forum, topics: Sequence[Topic], per_page: int, more: str | None) -> dict[str, Any]:
    """One page of a listing; a topic may stand on it twice."""
    names = sorted({topic.author for topic in topics})
    users = [{"id": forum.user_id(name), "username": name, "name": name.title()} for name in names]
    listed = [
        {
            **_summary(forum, topic),
            "bumped": True,
            "bumped_at": moment(forum.last_posted(topic.id)),
            "views": 20,
            "last_poster_username": _last_poster(forum, topic),
            "posters": [{"description": "Original Poster", "user_id": forum.user_id(topic.author)}],
        }
        for topic in topics
    ]
    topic_list: dict[str, Any] = {"can_create_topic": False, "per_page": per_page, "topics": listed}
    if more is not None:
        topic_list["more_topics_url"] = more
    return {"users": users, "primary_groups": [], "topic_list": topic_list}


def _last_poster(forum: Forum, topic: Topic) -> str:
    return next((post.author for post in reversed(forum.stream(topic.id))), topic.author)


def _summary(forum: Forum, topic: Topic) -> dict[str, Any]:
    stream = forum.stream(topic.id)
    return {
        "id": topic.id,
        "title": topic.title,
        "fancy_title": topic.title.replace("&", "&amp;"),
        "slug": topic.slug,
        "posts_count": len(stream),
        "reply_count": sum(post.reply_to is not None for post in stream),
        "highest_post_number": max(post.number for post in forum.all_posts(topic.id)),
        "created_at": moment(topic.created),
        "last_posted_at": moment(forum.last_posted(topic.id)),
        "archetype": "regular",
        "pinned": topic.pinned,
        "pinned_globally": False,
        "visible": topic.visible,
        "closed": topic.closed,
        "archived": False,
        "category_id": topic.category,
        "like_count": 0,
    }
