"""WordPress's answers as pages of a source: a day's articles, a thread, and late comments.

The site counts its rows in a header, X-WP-Total, on every page: without it nothing is proved.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from parsers.engines.mapping import STUB, article_of, comments_of, guessed_day, page_of, stub_of
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage
from parsers.engines.wordpress.addresses import PER_PAGE, address_of
from parsers.engines.wordpress.html_pages import OF_PAGE, ids_of, pings_of, read_article
from parsers.engines.wordpress.rest_comments import read_comments
from parsers.engines.wordpress.rest_posts import read_posts
from parsers.errors import AddressUnknown, FieldMalformed
from parsers.lists import Known, Next, differing_threads
from parsers.records import Article, ParsedPage, Part, ThreadClaim, changed
from parsers.source import Answer, Site
from parsers.urls import Address

REVISION = 1
# A comment of no article has {"post": 0}.
NO_ENTRY = "0"
SINCE = "since"
NEWEST = "newest"
"""The names of the two lists of late comments: of the whole site since a moment, and of several threads."""


def read(site: Site, answer: Answer) -> ParsedPage:
    """One answer of the interface, or an article's page with its comments in HTML.

    Raises:
        ParseError: it is not what its address asks for, or a required field is absent.
    """
    raw = RawPage(answer.body, answer.url, answer.headers, ZoneInfo(site.zone))
    try:
        address = address_of(site, answer.url)
    except AddressUnknown:
        return read_article(site, raw, answer)
    if address.kind == "section":
        return _listing(site, raw, address)
    return (
        _thread(site, raw, address, answer)
        if address.kind == "comments"
        else _latest(site, raw, address, answer)
    )


def follow(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The next page of a list, and the threads that a listing's articles or late comments call for.

    Articles carry no count of their comments: of those whose thread was read before, the newest comments are
    asked for together.
    """
    found = _next_page(page, known)
    if page.kind == "latest":
        named = () if _address(page).entries else page.claims
        rest = [claim.thread for claim in named if claim.thread in known.threads]
        return (*found, *_with_late_comments(page, known), *_newest_of(rest))
    wanted = differing_threads(page, known)
    asked = {one.address.article_id for one in wanted}
    return (*found, *wanted, *_newest_of([one.thread for one in page.claims if one.thread not in asked]))


def _next_page(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    if page.part is None or known.visit is None or known.visit.status != "open":
        return ()
    # From the last row that was shown: a site may give fewer rows than were asked for.
    address = replace(_address(page), offset=len(known.visit.rows) - 1)
    return (Next(address=address, why="the list goes on"),)


def _newest_of(threads: Sequence[str]) -> tuple[Next, ...]:
    lots = (tuple(threads[start : start + PER_PAGE]) for start in range(0, len(threads), PER_PAGE))
    return tuple(Next(address=Address(kind="latest", entries=lot), why="for late comments") for lot in lots)


def _with_late_comments(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    posts = _address(page).entries
    counts = [thread.comments or 0 for thread in known.threads.values()]
    why, threads = "it has late comments", known.changed & known.threads.keys()
    # The total of all together is what was held and what is new; else something was deleted.
    if posts and page.claims and page.claims[0].comments != sum(counts) + known.fresh:
        why, threads = "the total of several threads differs", frozenset(posts)
    # By number: "9" before "12".
    ordered = sorted(threads, key=lambda thread: (len(thread), thread))
    return tuple(Next(address=Address(kind="comments", article_id=thread), why=why) for thread in ordered)


def _address(page: ParsedPage) -> Address:
    return address_of(Site(name=page.source, engine="wordpress", base_url="", zone="UTC"), page.url)


def _listing(site: Site, raw: RawPage, address: Address) -> ParsedPage:
    shown = read_posts(raw)
    articles = tuple(article_of(entry, raw, (), address.section) for entry in shown.entries)
    for article in articles:
        # Another day's article shows that the site counts its days by another clock.
        if article.date != address.day:
            raise FieldMalformed("article.posted_at", str(article.posted_local), raw.url)
    ids = tuple(article.external_id for article in articles)
    return page_of(
        site,
        raw,
        kind="section",
        day=address.day or date.min,
        section=address.section,
        articles=articles,
        part=_part(None, ids, shown, address),
        parser="wordpress.posts",
        revision=REVISION,
        silent_on=OF_PAGE,
        claims=tuple(ThreadClaim(thread=external_id, mark=_mark(address)) for external_id in ids),
    )


def _mark(address: Address) -> str | None:
    """An article that was put into another category is read again: it was gone from the first one."""
    return str(address.section) if address.section else None


def _thread(site: Site, raw: RawPage, address: Address, answer: Answer) -> ParsedPage:
    shown = read_comments(raw)
    thread = address.article_id or ""
    comments, unreadable = comments_of(shown.comments, raw, thread)
    first = address.offset
    placed = tuple(changed(comment, position=first + rank) for rank, comment in enumerate(comments, start=1))
    day = guessed_day(placed, answer.captured_at)
    return page_of(
        site,
        raw,
        kind="comments",
        day=day,
        section=None,
        articles=(stub_of(thread, day, placed),),
        part=_part(thread, ids_of(shown.comments), shown, address),
        parser="wordpress.comments",
        revision=REVISION,
        silent_on=STUB,
        unreadable=unreadable,
        dated=False,
    )


def _by_article(comments: Iterable[EngineComment]) -> Mapping[str, list[EngineComment]]:
    found: defaultdict[str, list[EngineComment]] = defaultdict(list)
    for comment in comments:
        if comment.entry_id is not None and comment.entry_id != NO_ENTRY:
            found[comment.entry_id].append(comment)
    return found


def _latest(site: Site, raw: RawPage, address: Address, answer: Answer) -> ParsedPage:
    shown = read_comments(raw)
    by_article = _by_article(shown.comments)
    articles: list[Article] = []
    for thread, rows in by_article.items():
        comments, _ = comments_of(rows, raw, thread)
        articles.append(stub_of(thread, guessed_day(comments, answer.captured_at), comments))
    part = _part(SINCE, ids_of(shown.comments), shown, address)
    if address.entries:
        # One page is all that is asked for: its end is not that of the threads.
        part = replace(part, thread=NEWEST, total=None, ends=True, needs_total=False)
    total = next((claim.count for claim in shown.claims if claim.exact), None)
    claims = [ThreadClaim(thread=post, comments=total) for post in address.entries]
    if site.categories and not address.entries:
        # They are of all categories: those of articles that are known are asked for by these.
        claims, articles = [ThreadClaim(thread=post) for post in by_article], []
    return page_of(
        site,
        raw,
        kind="latest",
        day=answer.captured_at.astimezone(ZoneInfo(site.zone)).date(),
        section=0,
        articles=tuple(articles),
        part=part,
        parser="wordpress.latest",
        revision=REVISION,
        silent_on=STUB,
        claims=tuple(claims),
        dated=False,
    )


def _part(thread: str | None, ids: tuple[str, ...], shown: EnginePage, address: Address) -> Part:
    total = next((claim.count for claim in shown.claims if claim.exact), None)
    first = address.offset
    return Part(
        thread=thread,
        paging="overlap",
        first=first,
        ids=ids,
        total=total,
        starts=first == 0,
        # A site without totals is read to a page that is not full; it proves nothing by that.
        ends=first + len(ids) >= total if total is not None else len(ids) < PER_PAGE,
        others=pings_of(shown.comments),
    )
