"""A forum's list of threads, of XenForo 1.x or 2.x: the catalogue of what changed."""

import re
from dataclasses import dataclass

from parsers.engines.counts import Count, read_count
from parsers.engines.moments import placed_moment
from parsers.engines.printed_dates import DayOrder
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim, EnginePage, Entry, Moment
from parsers.engines.tree import absolute, attribute_of, base_of, classes, first_text, text_of
from parsers.engines.xenforo.page_numbers import page_numbers
from parsers.engines.xenforo.refusals import is_version_1, refusal, root_of
from parsers.engines.xenforo.thread import ENGINE
from parsers.engines.xenforo.times import day_order, moment_of
from parsers.errors import FieldMissing
from parsers.html import Node, attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """The selectors of one version's list."""

    rows: str
    row_id: re.Pattern[str]
    title: str
    started: str
    latest: str
    replies: str
    author: str
    pinned: str
    empty: str
    """What stands in the rows' place where the forum has none."""


OLDER = 'a[href*="no_date_limit=1"]'
"""The link behind the rows of a forum that shows those of the last days alone."""

# <div class="structItem structItem--thread js-threadListItem-12" data-author="Olga">
#   <div class="structItem-title"><a href="/forums/knots.4/?prefix_id=1">Sold</a> <a href="/threads/...">
VERSION_2 = Markup(
    rows=".structItem--thread",
    row_id=re.compile(r"js-threadListItem-([0-9]+)"),
    title=".structItem-title a[href*=threads], .structItem-title a[data-tp-primary], .structItem-title a",
    started=".structItem-startDate time",
    latest="time.structItem-latestDate",
    # <dl class="pairs"><dt>Replies</dt><dd>41</dd></dl>, and the views in a second dl.
    replies=".structItem-cell--meta dl:first-child dd",
    author=".structItem-minor .username",
    pinned="structItemContainer-group--sticky",
    empty=".js-emptyThreadList",
)
# <li id="thread-12" class="discussionListItem visible sticky" data-author="Olga">
VERSION_1 = Markup(
    rows="li.discussionListItem[id^=thread-]",
    row_id=re.compile(r"thread-([0-9]+)"),
    title="h3.title a.PreviewTooltip, h3.title a[href*=threads], h3.title a",
    started=".startDate .DateTime, .posterDate .DateTime",
    latest=".lastPostInfo .DateTime, .lastPost .DateTime",
    replies=".stats dl.major dd, dl.major dd",
    author=".posterDate .username, .username",
    pinned="sticky",
    # <li class="primaryContent">None yet.</li>
    empty="ol.discussionListItems > li.primaryContent",
)


def read_listing(raw: RawPage) -> EnginePage:
    """The threads of one page of a forum.

    Raises:
        PageBlocked: a wall or a login stands in its place.
        PageTruncated: the page is cut short.
        ParseError: it is no listing, or a thread's id or title is absent.
    """
    markup = VERSION_1 if is_version_1(root_of(raw)) else VERSION_2
    rows = raw.page.select(markup.rows)
    # An empty forum is an answer; a page without rows and without that notice is not one.
    if not rows and raw.page.first(markup.empty) is None:
        raise refusal(raw, "thread")
    raw.require_closed()
    # "3/4/2018" alone does not say its order; another row's "3/24/2018" does, for the whole page.
    times = raw.page.select(f"{markup.started}, {markup.latest}")
    order = day_order(raw, times)
    threads = {
        entry.external_id: (entry, claim) for entry, claim in (_row(row, markup, raw, order) for row in rows)
    }
    numbers = page_numbers(raw)
    return EnginePage(
        engine=ENGINE,
        kind="listing",
        url=raw.url,
        entries=tuple(entry for entry, _ in threads.values()),
        comments=(),
        claims=tuple(claim for _, claim in threads.values() if claim is not None),
        next_urls=numbers.next_urls,
        page=numbers.page,
        pages=numbers.pages,
        limited=raw.page.first(OLDER) is not None,
    )


def _row(row: Node, markup: Markup, raw: RawPage, order: DayOrder | None) -> tuple[Entry, Claim | None]:
    thread_id = _id_of(row, markup, raw)
    link = _title_link(row, markup, thread_id, raw)
    printed = first_text(row, markup.replies)
    count = read_count(printed) if printed else None
    entry = Entry(
        external_id=thread_id,
        url=absolute(base_of(raw.page, raw.url), attribute(link, "href") or ""),
        title=text_of(link),
        author=(attribute(row, "data-author") or "").strip() or first_text(row, markup.author),
        # A guest's name is a span without data-user-id.
        author_id=attribute_of(row, f":is({markup.author})[data-user-id]", "data-user-id"),
        posted=_time(row, markup.started, raw, order),
        modified=None,
        last_comment=_time(row, markup.latest, raw, order),
        # "12K" is rounded: it can stay the same while replies are added.
        claimed_comments=count.value if count and count.exact else None,
        text=None,
        html=None,
        pinned=_is_pinned(row, markup),
        redirects=_is_left_behind(printed),
    )
    return entry, _claim(thread_id, printed or "", count)


def _is_left_behind(printed: str | None) -> bool:
    """Whether there is a mark, such as a dash, in the place of the number of replies."""
    return bool(printed) and not any(sign.isdecimal() for sign in printed or "")


def _id_of(row: Node, markup: Markup, raw: RawPage) -> str:
    # 2.x has the id in a class, 1.x in the id attribute.
    for name in (*sorted(classes(row)), attribute(row, "id") or ""):
        if found := markup.row_id.fullmatch(name):
            return found[1]
    raise FieldMissing("thread.external_id", raw.url)


def _title_link(row: Node, markup: Markup, thread_id: str, raw: RawPage) -> Node:
    for selector in markup.title.split(", "):
        if links := row.css(selector):
            # A prefix, "[Sold]", is a link too and stands before the title's.
            return links[-1]
    raise FieldMissing("thread.title", raw.url, of=f"thread {thread_id}")


def _time(row: Node, selector: str, raw: RawPage, order: DayOrder | None) -> Moment | None:
    node = row.css_first(selector)
    if node is None:
        return None
    return placed_moment(moment_of(node, raw, field="thread.time", order=order), raw.zone)


def _is_pinned(row: Node, markup: Markup) -> bool:
    node: Node | None = row
    while node is not None:
        if markup.pinned in classes(node):
            return True
        node = node.parent
    return False


def _claim(thread_id: str, printed: str, count: Count | None) -> Claim | None:
    if count is None:
        return None
    return Claim(
        of="replies", count=count.value, printed=printed, exact=count.exact, entry_id=thread_id, by="listing"
    )
