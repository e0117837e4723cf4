"""One post of a topic's JSON."""

from zoneinfo import ZoneInfo

from parsers.engines.moments import read_utc
from parsers.engines.records import CommentState, EngineComment, Moment
from parsers.engines.tree import text_of_markup
from parsers.errors import FieldMalformed
from parsers.json import JsonObject

SMALL_ACTION = 3
"""The post type of a row that says what happened to the topic: it was closed, pinned, split."""


def read_post(post: JsonObject, position: int, zone: ZoneInfo | None) -> EngineComment:
    """A post with everything that its object says.

    Raises:
        FieldMissing: its id, number, time or text is absent.
        FieldMalformed: one of them says nothing that can be right.
    """
    # As in {"id": 34, "post_number": 3, "cooked": "<p>...</p>", "reply_to_post_number": 2}.
    cooked = post.text("cooked")
    return EngineComment(
        entry_id=post.optional_text("topic_id"),
        external_id=post.text("id"),
        number=post.integer("post_number"),
        position=position,
        # An answer names the post it replies to by its number; ``with_parents`` finds the id.
        parent_external_id=None,
        parent_number=post.optional_integer("reply_to_post_number"),
        author=post.optional_text("username"),
        author_id=post.optional_text("user_id"),
        posted=utc_moment(post, "created_at", zone),
        edited=_edited(post, zone),
        text=text_of_markup(cooked),
        html=cooked,
        state=_state(post),
    )


def utc_moment(record: JsonObject, key: str, zone: ZoneInfo | None) -> Moment:
    """The time in a member, which Discourse writes in UTC."""
    text = record.text(key)
    try:
        return read_utc(text, zone)
    except ValueError as error:
        raise FieldMalformed(f"{record.name}.{key}", text, record.url) from error


def optional_moment(record: JsonObject, key: str, zone: ZoneInfo | None) -> Moment | None:
    """The time in a member, or None if it is absent or null."""
    return None if record.members.get(key) is None else utc_moment(record, key, zone)


def _edited(post: JsonObject, zone: ZoneInfo | None) -> Moment | None:
    """When the text was changed: ``updated_at`` alone moves with likes, too."""
    return optional_moment(post, "updated_at", zone) if (post.optional_integer("version") or 1) > 1 else None


def _state(post: JsonObject) -> CommentState:
    if post.optional_integer("post_type") == SMALL_ACTION:
        return "action"
    # {"user_deleted": true}: a notice stands in the place of the words.
    if post.flag("user_deleted") or post.members.get("deleted_at") is not None:
        return "deleted"
    # {"hidden": true}: readers flagged it, and the site replaced its words.
    return "hidden" if post.flag("hidden") else "shown"
