"""WordPress's pages for people as pages of a source, where the interface for programs is closed.

A day's archive says where it ends. A thread is proved by the count in its heading, which has pingbacks in
it: without one it is proved by nothing, but for a form of WordPress's own with no comments above it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import islice
from zoneinfo import ZoneInfo

from parsers.engines.mapping import NEVER, STUB, article_of, comments_of, guessed_day, page_of, stub_of
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage
from parsers.engines.wordpress.comment_list import read_html
from parsers.engines.wordpress.day_archive import read_archive
from parsers.engines.wordpress.html_addresses import address_of, slug_of
from parsers.errors import FieldMalformed, FieldMissing
from parsers.lists import Known, ListVisit, Next, differing_threads
from parsers.records import ParsedPage, Part, ThreadClaim, changed
from parsers.source import Answer, Site
from parsers.urls import Address

REVISION = 1
PARSER = "wordpress.html"
ARCHIVE = "wordpress.archive"
OF_PAGE = NEVER | {"article.posted_by", "article.views"}
IN_ARCHIVE = STUB - {"article.date", "article.section"}
UNWRITTEN = frozenset({"article.text", "article.html"})
# <form action="https://quay.example/wp-comments-post.php">: a plug-in's threads have another form.
FORM = "form[action*=wp-comments-post]"


def read(site: Site, answer: Answer) -> ParsedPage:
    """A day's archive, or an article with a page of its comments.

    Raises:
        AddressUnknown: the address is none that is asked for.
        ParseError: it is not what its address asks for, or a required field is absent.
    """
    raw = RawPage(answer.body, answer.url, answer.headers, ZoneInfo(site.zone))
    address = address_of(site, answer.url)
    return _archive(site, raw, address) if address.kind == "section" else read_article(site, raw, answer)


def follow(site: Site, page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The next page of a list, and the threads whose count differs, or is not printed."""
    asked = address_of(site, page.url)
    if page.kind != "section":
        # A pretty address has no id: all pages of a thread are to be known as one list.
        thread = page.part.thread if page.part is not None else None
        return _rest(replace(asked, article_id=thread), known.visit)
    differing = differing_threads(page, known)
    # A theme that prints no count says nothing of late comments: the thread itself has to be read.
    named = {one.address.article_id for one in differing}
    unmarked = (
        Next(
            address=Address(kind="comments", article_id=claim.thread, slug=claim.slug),
            why="the archive does not count its comments",
        )
        for claim in page.claims
        if claim.mark is None and claim.thread not in named
    )
    return (*_rest(asked, known.visit), *differing, *unmarked)


def read_article(site: Site, raw: RawPage, answer: Answer) -> ParsedPage:
    """An article with a page of its comments; its own words are read here if nothing else gives them.

    Raises:
        ParseError: the page is none of WordPress's, or a required field is absent.
    """
    shown = read_html(raw)
    entry = shown.entries[0]
    # Its address may be a slug alone; articles are known by their ids.
    if entry.external_id is None:
        raise FieldMissing("article.external_id", raw.url)
    comments, unreadable = comments_of(shown.comments, raw, entry.external_id)
    section = 0 if not site.categories else None
    is_whole = entry.posted is not None and entry.title is not None
    article = (
        article_of(entry, raw, comments, section)
        if is_whole
        else stub_of(entry.external_id, guessed_day(comments, answer.captured_at), comments)
    )
    silent = OF_PAGE if is_whole else STUB
    # An article's page does not say for which category it was listed.
    silent |= {"article.section"} if section is None else frozenset()
    return page_of(
        site,
        raw,
        kind="comments",
        day=article.date,
        section=section if is_whole else None,
        articles=(article,),
        part=_part(entry.external_id, shown, _total(raw, shown)),
        parser=PARSER,
        revision=REVISION,
        silent_on=silent if site.html and entry.text is not None else silent | UNWRITTEN,
        unreadable=unreadable,
        dated=is_whole,
    )


def ids_of(comments: Iterable[EngineComment]) -> tuple[str, ...]:
    """The ids of all rows, in order."""
    return tuple(comment.external_id or "" for comment in comments)


def pings_of(comments: Iterable[EngineComment]) -> frozenset[str]:
    """The ids of those rows that are no comments."""
    return frozenset(one.external_id for one in comments if one.external_id and one.state == "pingback")


def _archive(site: Site, raw: RawPage, address: Address) -> ParsedPage:
    day = address.day or date.min
    listed, more = read_archive(raw)
    for one in listed:
        # Another day's article shows that the site counts its days by another clock.
        if one.day not in {day, None}:
            raise FieldMalformed("article.posted_at", str(one.day), raw.url)
    part = Part(
        thread=None,
        paging="pages",
        first=None,
        ids=tuple(one.external_id for one in listed),
        total=None,
        starts=address.page == 1,
        ends=not more,
        needs_total=False,
        page=address.page,
        pages=address.page + more,
    )
    return page_of(
        site,
        raw,
        kind="section",
        day=day,
        section=0,
        articles=tuple(changed(stub_of(one.external_id, day, ()), section=0) for one in listed),
        part=part,
        parser=ARCHIVE,
        revision=REVISION,
        silent_on=IN_ARCHIVE,
        claims=tuple(
            ThreadClaim(thread=one.external_id, mark=one.counted, slug=slug_of(site, one.url))
            for one in listed
        ),
    )


def _total(raw: RawPage, shown: EnginePage) -> int | None:
    # "1.2K comments" is rounded, and proves nothing.
    printed = next((claim.count for claim in shown.claims if claim.exact), None)
    is_bare = not shown.claims and not shown.comments and not shown.unreadable and (shown.pages or 1) == 1
    return 0 if is_bare and raw.page.first(FORM) is not None else printed


def _part(thread: str, shown: EnginePage, total: int | None) -> Part:
    """The comments in the order of the page; of a page that does not say which it is, it is the first."""
    pages, page = shown.pages or 1, shown.page or 1
    return Part(
        thread=thread,
        paging="pages",
        first=None,
        ids=ids_of(shown.comments),
        total=total,
        starts=page == 1,
        ends=page == pages,
        others=pings_of(shown.comments),
        page=page,
        pages=pages,
    )


def _rest(asked: Address, visit: ListVisit | None) -> tuple[Next, ...]:
    """The page of the list that is not known yet; else each but the last one that was read, once more."""
    if visit is None or visit.status != "open" or not visit.sheets:
        return ()
    # The plain address may be any page of the thread: its number is known once it was read.
    first_read = visit.sheets[0].number
    missing = set(range(1, visit.last + 1)) - {sheet.number for sheet in visit.sheets}
    if missing:
        return (Next(address=_numbered(asked, min(missing), first_read), why="the list goes on"),)
    # A comment that was deleted meanwhile moves the rows of all pages but the one that was read last.
    unsure = (sheet.number for sheet in visit.sheets[:-1] if not sheet.again)
    addresses = (_numbered(asked, number, first_read) for number in unsure)
    return tuple(Next(address=one, why="whether it is the same", again=True) for one in islice(addresses, 1))


def _numbered(asked: Address, number: int, first_read: int) -> Address:
    """A page of the list that an address belongs to; a thread is begun at its plain address."""
    if asked.kind == "section":
        return replace(asked, page=number)
    return replace(asked, page=1 if number == first_read else number + 1)
