"""A thread's pages as pages of a source.

page 1 -> the last page -> 1 -> 2 ... -> the last page again    a thread over several pages

The last page is read first and last: what is deleted, or put in, before it moves its posts, and shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from parsers.engines.mapping import NEVER, STUB, article_of, comments_of, guessed_day, page_of, stub_of
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage
from parsers.engines.xenforo.thread import read_thread
from parsers.lists import Known, Next
from parsers.records import ParsedPage, Part
from parsers.source import Answer, Site
from parsers.urls import Address

REVISION = 2
OF_THREAD = NEVER | {"article.section", "article.views"}


def next_of_thread(part: Part, known: Known, address: Address) -> tuple[Next, ...]:
    """The page of a thread to ask for next."""
    visit, here, pages = known.visit, part.page or 1, part.pages
    again = True
    if part.first is None:
        # A skin without numbers: nothing is proved, and all of it is read all the same.
        number, why, again = here + 1, "the thread goes on", False
    elif visit is None:
        number, why = pages, "a thread's end is read first"
    elif visit.status != "open":
        return ()
    # Every rank is held: the end is read again, in case posts moved while the others were read.
    elif visit.missing == len(visit.rows):
        number, why = pages, "the thread's end is compared"
    else:
        number = 1 if part.ends else max(here + 1, visit.missing // len(part.ids) + 1)
        why = "the thread goes on"
    if number > pages:
        return ()
    return (Next(address=replace(address, page=number), why=why, again=again),)


def read_page(site: Site, raw: RawPage, answer: Answer) -> ParsedPage:
    """A page of a thread; raises ParseError if it is none, or lacks a required field."""
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
    # Replies leave out the opening post; the last number counts it.
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
        # It has a rank among the posts and is no comment: it is the article.
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
