"""A list of topics, ``/latest.json`` or a category's: the catalogue of what changed."""

from collections.abc import Mapping
from dataclasses import replace

from parsers.engines.discourse.addresses import next_listing, topic_url
from parsers.engines.discourse.post import optional_moment
from parsers.engines.discourse.refusals import answer_object
from parsers.engines.discourse.topic import ENGINE
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim, EnginePage, Entry
from parsers.json import JsonObject


def read_listing(raw: RawPage) -> EnginePage:
    """The topics of one page, each once: a pinned topic repeats where its date puts it.

    Raises:
        ParseError: it is no listing, or a topic's id, title or count is absent.
    """
    answer = answer_object(raw, "listing")
    names = _usernames(answer)
    # {"users": [{"id": 7, ...}], "topic_list": {"more_topics_url": "...", "topics": [{"posters": [...]}]}}
    topics = answer.child("topic_list")
    entries: dict[str, Entry] = {}
    for topic in topics.children("topics", "topic"):
        entry = _entry(topic, names, raw)
        known = entries.setdefault(str(entry.external_id), entry)
        if known.pinned or entry.pinned:
            entries[str(entry.external_id)] = replace(known, pinned=True)
    more = topics.optional_text("more_topics_url")
    following = next_listing(raw.url, more) if more else None
    return EnginePage(
        engine=ENGINE,
        kind="listing",
        url=raw.url,
        entries=tuple(entries.values()),
        comments=(),
        claims=tuple(_claim(entry) for entry in entries.values()),
        next_urls=(following,) if following else (),
    )


def _entry(topic: JsonObject, names: Mapping[str, str], raw: RawPage) -> Entry:
    topic_id = topic.text("id")
    posters = topic.children("posters", "poster") if topic.members.get("posters") else []
    # The first of the posters began the topic.
    author_id = posters[0].optional_text("user_id") if posters else None
    return Entry(
        external_id=topic_id,
        url=topic_url(raw.url, topic_id, topic.optional_text("slug")),
        title=topic.text("title"),
        author=names.get(author_id) if author_id else None,
        author_id=author_id,
        posted=optional_moment(topic, "created_at", raw.zone),
        # The listing by activity is ordered by it, and not by last_posted_at.
        modified=optional_moment(topic, "bumped_at", raw.zone),
        last_comment=optional_moment(topic, "last_posted_at", raw.zone),
        # Not highest_post_number: that counts deleted posts, and is no total.
        claimed_comments=topic.integer("posts_count") - 1,
        text=None,
        html=None,
        pinned=topic.flag("pinned") or topic.flag("pinned_globally"),
    )


def _usernames(answer: JsonObject) -> dict[str, str]:
    users = answer.children("users", "user") if answer.members.get("users") else []
    return {user.text("id"): user.text("username") for user in users}


def _claim(entry: Entry) -> Claim:
    posts = (entry.claimed_comments or 0) + 1
    return Claim(
        of="posts", count=posts, printed=str(posts), exact=True, entry_id=entry.external_id, by="listing"
    )
