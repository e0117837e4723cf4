"""A topic's JSON: the opening post, the next nineteen, and the ids of all there are.

topic.json -> posts shown, stream of ids -> lots of posts.json for the rest
"""

from collections.abc import Sequence
from dataclasses import replace

from parsers.engines.discourse.addresses import lots, topic_id_of, topic_url
from parsers.engines.discourse.post import optional_moment, read_post
from parsers.engines.discourse.refusals import answer_object
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim, EngineComment, EnginePage, Entry
from parsers.errors import FieldMalformed, PageUnrecognised
from parsers.json import JsonObject

ENGINE = "discourse"


def read_topic(raw: RawPage) -> EnginePage:
    """A topic, ``/t/ID.json``, or one of its later pages.

    Raises:
        ParseError: it is no topic, another topic, or a required field is absent.
    """
    return topic_page(answer_object(raw, "topic"), raw)


def read_lot(raw: RawPage) -> EnginePage:
    """Posts asked for by their ids, ``/t/ID/posts.json?post_ids[]=``: they state no count."""
    # {"id": 12, "post_stream": {"posts": [{"id": 34, ...}]}}
    answer = answer_object(raw, "lot")
    topic_id = _confirmed_id(answer, raw)
    comments = _comments(answer, topic_id, raw)
    return EnginePage(
        engine=ENGINE, kind="thread", url=raw.url, entries=(), comments=comments, claims=(), next_urls=()
    )


def topic_page(topic: JsonObject, raw: RawPage) -> EnginePage:
    """What a topic's object says, alone or inside a page."""
    topic_id = _confirmed_id(topic, raw)
    comments = _comments(topic, topic_id, raw)
    stream = _stream(topic)
    shown = {comment.external_id for comment in comments}
    # A topic shows its first twenty posts; the stream names them all.
    missing = [post_id for post_id in stream if post_id not in shown]
    return EnginePage(
        engine=ENGINE,
        kind="thread",
        url=raw.url,
        entries=(_entry(topic, topic_id, comments, raw),),
        comments=comments,
        claims=(
            _claim(topic.integer("posts_count"), "posts_count", topic_id),
            _claim(len(stream), "stream", topic_id),
        ),
        next_urls=lots(raw.url, topic_id, missing),
        held_ids=stream,
    )


def with_parents(comments: Sequence[EngineComment]) -> tuple[EngineComment, ...]:
    """The comments with the ids of those parents that stand on the same page."""
    # "reply_to_post_number": 2 is a number, and the store knows posts by their ids.
    ids = {comment.number: comment.external_id for comment in comments}
    return tuple(
        replace(comment, parent_external_id=ids.get(comment.parent_number))
        if comment.parent_number is not None
        else comment
        for comment in comments
    )


def _confirmed_id(answer: JsonObject, raw: RawPage) -> str:
    topic_id, asked = answer.text("id"), topic_id_of(raw.url)
    # Another topic's posts must not be stored under this one's id.
    if asked is not None and asked != topic_id:
        raise PageUnrecognised(f"topic {asked} was asked for, topic {topic_id} is shown", raw.url)
    return topic_id


def _stream(topic: JsonObject) -> tuple[str, ...]:
    # {"post_stream": {"posts": [...], "stream": [31, 34, 40]}}: ids of all posts, with gaps
    ids = topic.child("post_stream").values("stream")
    if not all(isinstance(post_id, int) for post_id in ids) or len(set(ids)) != len(ids):
        raise FieldMalformed("post_stream.stream", repr(ids)[:80], topic.url)
    return tuple(map(str, ids))


def _comments(answer: JsonObject, topic_id: str, raw: RawPage) -> tuple[EngineComment, ...]:
    posts = answer.child("post_stream").children("posts", "post")
    comments = [read_post(post, position, raw.zone) for position, post in enumerate(posts, start=1)]
    if len({comment.external_id for comment in comments}) != len(comments):
        raise FieldMalformed("post.id", "the same post twice", raw.url)
    for comment in comments:
        if comment.entry_id not in {None, topic_id}:
            raise FieldMalformed("post.topic_id", str(comment.entry_id), raw.url)
    return with_parents(
        [comment if comment.entry_id else replace(comment, entry_id=topic_id) for comment in comments]
    )


def _entry(topic: JsonObject, topic_id: str, comments: Sequence[EngineComment], raw: RawPage) -> Entry:
    opening = next((comment for comment in comments if comment.number == 1), None)
    return Entry(
        external_id=topic_id,
        url=topic_url(raw.url, topic_id, topic.optional_text("slug")),
        title=topic.text("title"),
        author=opening.author if opening else None,
        author_id=topic.optional_text("user_id"),
        posted=optional_moment(topic, "created_at", raw.zone),
        modified=None,
        last_comment=optional_moment(topic, "last_posted_at", raw.zone),
        claimed_comments=topic.integer("posts_count") - 1,
        text=opening.text if opening else None,
        html=opening.html if opening else None,
        pinned=topic.flag("pinned") or topic.flag("pinned_globally"),
    )


def _claim(count: int, by: str, topic_id: str) -> Claim:
    return Claim(of="posts", count=count, printed=str(count), exact=True, entry_id=topic_id, by=by)
