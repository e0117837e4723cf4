"""XenForo's pages as pages of a source: a forum's threads of a day, and a thread.

page 1 -> the last page -> 1 -> 2 ... -> the last page again    a thread over several pages

The last page is read first and last: what is deleted, or put in, before it moves its posts, and shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from parsers.engines.days import Place, Row, day_part, pages_of_day
from parsers.engines.mapping import (
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
from parsers.engines.records import EngineComment, EnginePage, Entry
from parsers.engines.xenforo.listing import read_listing
from parsers.engines.xenforo.refusals import root_of
from parsers.engines.xenforo.site_addresses import address_of, slug_of
from parsers.engines.xenforo.thread import read_thread
from parsers.errors import FieldMissing, PageUnrecognised
from parsers.html import attribute
from parsers.lists import Known, Next, differing_threads
from parsers.records import ParsedPage, Part, ThreadClaim
from parsers.source import Answer, Site
from parsers.urls import Address

REVISION = 2
OF_THREAD = NEVER | {"article.section", "article.views"}
FORUM_KEY = "data-container-key"


def read(site: Site, answer: Answer) -> ParsedPage:
    """One page of the site.

    Raises:
        ParseError: it is not what its address asks for, or a required field is absent.
    """
    raw = RawPage(answer.body, answer.url, answer.headers, ZoneInfo(site.zone))
    address = address_of(site, answer.url)
    return _listing(site, raw, address) if address.kind == "section" else _thread(site, raw, answer)


def follow(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The next page of a forum's listing and the threads that differ, or the next page of a thread."""
    address = address_of(Site(name=page.source, engine="xenforo", base_url="", zone="UTC"), page.url)
    part = page.part
    if part is None:
        return ()
    if address.kind != "section":
        return _next_of_thread(part, known, address)
    found: list[Next] = []
    for one in pages_of_day(page, known, address):
        # Past the end a board shows the last page, or leads there by an address that has lost its order.
        number = min(one.address.page, part.pages)
        rows_before = (number - 1) * _per_page(address, (part.first or 0) + len(part.ids))
        found.append(replace(one, address=replace(one.address, page=number, offset=rows_before)))
    return (*found, *differing_threads(page, known))


def _per_page(address: Address, shown: int) -> int:
    """How many rows a listing's page has: as many as the first one, which those after it say."""
    return address.offset // (address.page - 1) if address.page > 1 else shown


def _next_of_thread(part: Part, known: Known, address: Address) -> tuple[Next, ...]:
    visit, here, pages = known.visit, part.page or 1, part.pages
    again = True
    if part.first is None:
        # A skin without numbers: nothing is proved, and all of it is read all the same.
        number, why, again = here + 1, "the thread goes on", False
    elif visit is None:
        number, why = pages, "a thread's end is read first"
    elif visit.status != "open":
        return ()
    elif visit.missing == len(visit.rows):
        number, why = pages, "the thread's end is compared"
    else:
        number = 1 if part.ends else max(here + 1, visit.missing // len(part.ids) + 1)
        why = "the thread goes on"
    if number > pages:
        return ()
    return (Next(address=replace(address, page=number), why=why, again=again),)


def _listing(site: Site, raw: RawPage, address: Address) -> ParsedPage:
    shown = read_listing(raw)
    _require_forum(raw, address)
    day, page, pages = address.day or date.min, shown.page or 1, shown.pages or 1
    rows = [_row(entry, raw) for entry in shown.entries]
    ranked = sum(not row.pinned for row in rows)
    place = Place(page=page, per_page=_per_page(address, ranked), is_last=page >= pages)
    left = frozenset(entry.external_id or "" for entry in shown.entries if entry.redirects)
    return page_of(
        site,
        raw,
        kind="section",
        day=day,
        section=address.section,
        articles=(),
        part=replace(day_part(rows, day, place, raw.url), others=left, pages=pages),
        parser="xenforo.listing",
        revision=REVISION,
        silent_on=frozenset(),
        claims=tuple(
            _claim(entry, address, shown)
            for entry, row in zip(shown.entries, rows, strict=True)
            if row.day == day and not entry.redirects
        ),
    )


def _require_forum(raw: RawPage, address: Address) -> None:
    key = attribute(root_of(raw), FORUM_KEY) or ""
    if key.startswith("node-") and key != f"node-{address.section}":
        raise PageUnrecognised(f"forum {address.section} was asked for, {key!r} is shown", raw.url)


def _row(entry: Entry, raw: RawPage) -> Row:
    posted = entry.posted
    if entry.external_id is None or posted is None or posted.at is None or posted.local is None:
        raise FieldMissing("thread.posted_at", raw.url, of=f"thread {entry.external_id}")
    day = date.fromisoformat(posted.local[:10])
    return Row(thread=entry.external_id, at=posted.at, day=day, pinned=entry.pinned)


def _claim(entry: Entry, address: Address, shown: EnginePage) -> ThreadClaim:
    """A thread that was put into another forum is marked otherwise, too."""
    printed = next((one.printed for one in shown.claims if one.entry_id == entry.external_id), "")
    last = entry.last_comment
    moment = (last.at.isoformat() if last.at else last.local or "") if last is not None else ""
    return ThreadClaim(
        thread=entry.external_id or "",
        comments=entry.claimed_comments,
        mark="|".join((str(address.section), printed, moment, digest_of(entry.title))),
        slug=slug_of(entry.url),
    )


def _thread(site: Site, raw: RawPage, answer: Answer) -> ParsedPage:
    shown = read_thread(raw)
    (entry,) = shown.entries
    thread = entry.external_id or ""
    posts, first = _ranked(shown)
    opening = posts[0].external_id if entry.posted is not None else None
    comments, unreadable = comments_of(
        (post for post in posts if post.external_id != opening), raw, entry.external_id
    )
    if opening is not None:
        article, silent_on = article_of(entry, raw, comments, None), OF_THREAD
    else:
        day = guessed_day(comments, answer.captured_at)
        article, silent_on = stub_of(thread, day, comments), STUB
    return page_of(
        site,
        raw,
        kind="comments",
        day=article.date,
        section=None,
        articles=(article,),
        part=_part(thread, posts, first, opening, shown),
        parser="xenforo.thread",
        revision=REVISION,
        silent_on=silent_on,
        unreadable=(*shown.unreadable, *unreadable),
        dated=opening is not None,
    )


def _part(
    thread: str, posts: tuple[EngineComment, ...], first: int | None, opening: str | None, shown: EnginePage
) -> Part:
    page, pages = shown.page or 1, shown.pages or 1
    totals = [
        claim.count + 1 if claim.of == "replies" else claim.count for claim in shown.claims if claim.exact
    ]
    return Part(
        thread=thread,
        paging="numbers",
        first=first,
        ids=tuple(post.external_id or "" for post in posts),
        total=_total(totals, pages),
        starts=first == 0,
        ends=page >= pages,
        others=frozenset({opening}) if opening is not None else frozenset(),
        page=page,
        pages=pages,
    )


def _total(totals: Sequence[int], pages: int) -> int | None:
    """How many posts the thread has: of several pages by the counter for machines, which each of them has.

    Of one page by whichever says more: the last number is more than what is shown where replies are hidden.
    """
    if not totals:
        return None
    return totals[0] if pages > 1 else max(totals)


def _ranked(shown: EnginePage) -> tuple[tuple[EngineComment, ...], int | None]:
    """The posts in the order of their numbers, and the rank of the first, None where they do not say.

    An answer that was chosen for the top stands between numbered posts, without a number: it has a place of
    its own. Of a thread of one page the first row is the first, whatever its numbers.
    """
    numbered = [post for post in shown.comments if post.number is not None]
    posts = tuple(sorted(numbered, key=_number))
    if numbered and not _has_unnumbered_end(shown.comments) and _is_unbroken(posts):
        return posts, _number(posts[0]) - 1
    return shown.comments, 0 if (shown.page or 1) == (shown.pages or 1) == 1 else None


def _has_unnumbered_end(posts: tuple[EngineComment, ...]) -> bool:
    return max(posts, key=_position).number is None


def _position(post: EngineComment) -> int:
    return post.position


def _is_unbroken(posts: Iterable[EngineComment]) -> bool:
    return all(_number(post) + 1 == _number(following) for post, following in pairwise(posts))


def _number(post: EngineComment) -> int:
    return post.number or 0
