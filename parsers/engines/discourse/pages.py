"""Discourse's answers as pages of a source: the topics of a day, a topic, and lots of its posts."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from parsers.engines.activity import active_of, active_part, with_late_posts
from parsers.engines.days import Place, day_part, pages_of_day, row_of
from parsers.engines.discourse.addresses import LOT
from parsers.engines.discourse.listing import read_listing
from parsers.engines.discourse.refusals import answer_object
from parsers.engines.discourse.site_addresses import PER_PAGE, address_of
from parsers.engines.discourse.topic import read_lot, read_topic
from parsers.engines.mapping import (
    APART,
    NEVER,
    STUB,
    article_of,
    comments_of,
    digest_of,
    guessed_day,
    page_of,
    stub_of,
)
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, Entry
from parsers.lists import Known, Next, differing_threads
from parsers.records import ParsedPage, Part, ThreadClaim
from parsers.source import Answer, Site
from parsers.urls import Address

REVISION = 2
OPENING = 1
"""The number of the post that opens a topic, and is its article."""

OF_POSTS = frozenset({"comment.parent_external_id"})
"""A reply's parent is known where it stands in the same answer, or is held."""

OF_TOPIC = NEVER | OF_POSTS | {"article.views"}


def read(site: Site, answer: Answer) -> ParsedPage:
    """One answer of the site.

    Raises:
        ParseError: it is not what its address asks for, or a required field is absent.
    """
    raw = RawPage(answer.body, answer.url, answer.headers, ZoneInfo(site.zone))
    address = address_of(site, answer.url)
    if address.kind == "section":
        return _listing(site, raw, address)
    if address.since is not None:
        return _latest(site, raw, address, address.since, answer)
    return _lot(site, raw, address, answer) if address.entries else _topic(site, raw)


def follow(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The next page of a listing and the topics that differ, or the rest of a topic and it again."""
    address = address_of(Site(name=page.source, engine="discourse", base_url="", zone="UTC"), page.url)
    if address.kind == "section":
        return (*pages_of_day(page, known, address), *differing_threads(page, known))
    if address.kind == "latest":
        return with_late_posts(page, known, address)
    visit = known.visit
    if visit is None or visit.status != "open":
        return ()
    shown = visit.shown
    # The stream is the topic's catalogue: what it names and no answer showed is asked for by its id.
    missing = [post for post in visit.stream or () if post not in shown]
    topic = Address(kind="comments", article_id=address.article_id)
    if not missing:
        # Posts that were written or deleted between two lots show in the topic's stream alone.
        return (Next(address=topic, why="its end is compared", again=True),)
    return (Next(address=replace(topic, entries=tuple(missing[:LOT])), why="the topic goes on"),)


def _listing(site: Site, raw: RawPage, address: Address) -> ParsedPage:
    shown = read_listing(raw)
    day = address.day or date.min
    # A site may give fewer rows a page than were asked for: ranks are counted by what it says.
    stated = answer_object(raw, "listing").child("topic_list").optional_integer("per_page")
    place = Place(page=address.page, per_page=stated or PER_PAGE, is_last=not shown.next_urls)
    rows = [row_of(entry, "topic.created_at", raw.url) for entry in shown.entries]
    return page_of(
        site,
        raw,
        kind="section",
        day=day,
        section=address.section,
        articles=(),
        part=day_part(rows, day, place, raw.url),
        parser="discourse.listing",
        revision=REVISION,
        silent_on=frozenset(),
        claims=tuple(
            _claim(entry, address) for entry, row in zip(shown.entries, rows, strict=True) if row.day == day
        ),
    )


def _latest(site: Site, raw: RawPage, address: Address, since: datetime, answer: Answer) -> ParsedPage:
    shown = read_listing(raw)
    rows = [
        active_of(entry, entry.modified or entry.posted, "topic.bumped_at", raw.url)
        for entry in shown.entries
    ]
    part = active_part(rows, since, address.page, raw.url, is_last=not shown.next_urls)
    return page_of(
        site,
        raw,
        kind="latest",
        day=answer.captured_at.astimezone(ZoneInfo(site.zone)).date(),
        section=address.section,
        articles=(),
        part=part,
        parser="discourse.latest",
        revision=REVISION,
        silent_on=STUB,
        claims=tuple(
            _claim(entry, address) for entry, row in zip(shown.entries, rows, strict=True) if row.at >= since
        ),
        dated=False,
    )


def _claim(entry: Entry, address: Address) -> ThreadClaim:
    """A topic that was put into another category is marked otherwise, too."""
    # An edit of the last post moves bumped_at alone, a reply both of them.
    moments = [one.at.isoformat() if one and one.at else "" for one in (entry.last_comment, entry.modified)]
    category = (str(address.section),) if address.section else ()
    mark = "|".join((*category, str((entry.claimed_comments or 0) + 1), *moments, digest_of(entry.title)))
    return ThreadClaim(thread=entry.external_id or "", comments=entry.claimed_comments, mark=mark)


def _topic(site: Site, raw: RawPage) -> ParsedPage:
    shown = read_topic(raw)
    (entry,) = shown.entries
    posts = tuple(one for one in shown.comments if one.number != OPENING)
    comments, unreadable = comments_of(posts, raw, entry.external_id)
    # Which of the categories it is in, its listing says.
    section, silent_on = (None, OF_TOPIC | {"article.section"}) if site.categories else (0, OF_TOPIC)
    article = article_of(entry, raw, comments, section)
    part = Part(
        thread=article.external_id,
        paging="stream",
        first=None,
        ids=_ids(shown.comments),
        total=(entry.claimed_comments or 0) + 1,
        starts=True,
        ends=False,
        others=_others(shown.comments),
        stream=shown.held_ids,
    )
    return page_of(
        site,
        raw,
        kind="comments",
        day=article.date,
        section=section,
        articles=(article,),
        part=part,
        parser="discourse.topic",
        revision=REVISION,
        silent_on=silent_on,
        unreadable=unreadable,
    )


def _lot(site: Site, raw: RawPage, address: Address, answer: Answer) -> ParsedPage:
    shown = read_lot(raw)
    thread = address.article_id or ""
    posts = tuple(one for one in shown.comments if one.number != OPENING)
    comments, unreadable = comments_of(posts, raw, thread)
    day = guessed_day(comments, answer.captured_at)
    part = Part(
        thread=thread,
        paging="stream",
        first=None,
        ids=_ids(shown.comments),
        # A post that is asked for and not shown was deleted meanwhile.
        total=len(address.entries),
        starts=False,
        ends=False,
        others=_others(shown.comments),
    )
    return page_of(
        site,
        raw,
        kind="comments",
        day=day,
        section=None,
        articles=(stub_of(thread, day, comments),),
        part=part,
        parser="discourse.posts",
        revision=REVISION,
        silent_on=STUB | OF_POSTS,
        unreadable=unreadable,
        dated=False,
    )


def _ids(posts: tuple[EngineComment, ...]) -> tuple[str, ...]:
    return tuple(post.external_id or "" for post in posts)


def _others(posts: tuple[EngineComment, ...]) -> frozenset[str]:
    return frozenset(
        post.external_id or "" for post in posts if post.number == OPENING or post.state in APART
    )
