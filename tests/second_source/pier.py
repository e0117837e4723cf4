"""pier.example as a pack: a day's threads, each over several pages, and no counter anywhere.

?day=2026-01-05    the threads that were begun on a day
thread?id=7&from=2 the posts of a thread from the third on; a page begins with the last post of the one before
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import urljoin, urlsplit

from parsers.encoding import decode
from parsers.errors import AddressUnknown, FieldMissing, PageUnrecognised
from parsers.html import Node, Page, attribute
from parsers.lists import Known, Next, differing_threads
from parsers.records import Article, Comment, Counters, ParsedPage, Part, ThreadClaim
from parsers.source import Answer, Lists, Source
from parsers.text import render
from parsers.urls import Address, query_of

NAME = "pier"
BASE_URL = "https://pier.example/"
THREAD_ROW = "ul.threads > li[id]"
POST = "ol.posts > li[id]"
TITLE = "h1"
NEXT = "a[rel=next]"
SHOWN_ONLY_IN_THREADS = frozenset(
    f"article.{name}"
    for name in ("section_name", "category", "link", "outlet", "label", "views", "text_original", "html")
)


def address_of(url: str) -> Address:
    """What an address means; raises AddressUnknown if it is none of those that are asked for."""
    path, query = urlsplit(url).path, query_of(url)
    try:
        if path.endswith("/thread"):
            return Address(kind="comments", article_id=query["id"], offset=int(query.get("from", "0")))
        if path.endswith("/"):
            return Address(kind="section", day=date.fromisoformat(query["day"]), section=0)
    except (KeyError, ValueError) as exc:
        raise AddressUnknown(url, NAME) from exc
    raise AddressUnknown(url, NAME)


def url_of(address: Address, base_url: str) -> str:
    """The one address of a page."""
    if address.kind == "section":
        return urljoin(base_url, f"?day={address.day}")
    return urljoin(base_url, f"thread?id={address.article_id}&from={address.offset}")


def follow(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The threads of a day that differ, or the next page of a thread."""
    if page.kind == "section":
        return differing_threads(page, known)
    if known.visit is None or known.visit.status != "open":
        return ()
    address = replace(address_of(page.url), offset=len(known.visit.rows) - 1)
    return (Next(address=address, why="the thread goes on"),)


def read(answer: Answer) -> ParsedPage:
    """One answer of the site; raises ParseError if it is not whole."""
    decoded = decode(answer.body, answer.headers.get("content-type"))
    if "</html>" not in decoded.text:
        raise PageUnrecognised("the page is cut", answer.url)
    page, address = Page(decoded.utf8), address_of(answer.url)
    if page.first(TITLE) is None:
        raise FieldMissing("page.title", answer.url)
    shown = _day(page, address, answer) if address.kind == "section" else _thread(page, address, answer)
    return replace(
        shown,
        encoding=decoded.encoding,
        encoding_from=decoded.chosen_by,
        repaired=decoded.repaired,
        replaced=decoded.replaced,
    )


def _day(page: Page, address: Address, answer: Answer) -> ParsedPage:
    rows = page.select(THREAD_ROW)
    claims = tuple(
        ThreadClaim(thread=_attribute(row, "id", answer)[1:], mark=attribute(row, "data-latest"))
        for row in rows
    )
    part = Part(
        thread=None,
        paging="overlap",
        first=0,
        ids=tuple(claim.thread for claim in claims),
        total=None,
        starts=True,
        ends=True,
    )
    return _page("section", answer, address.day or date.min, part, articles=(), claims=claims)


def _thread(page: Page, address: Address, answer: Answer) -> ParsedPage:
    posts = page.select(POST)
    ids = tuple(_attribute(post, "id", answer)[1:] for post in posts)
    begins = address.offset == 0
    comments = tuple(
        _comment(post, address.offset + rank, answer) for rank, post in enumerate(posts) if not begins or rank
    )
    title = page.first(TITLE)
    began = datetime.fromisoformat(_attribute(title, "data-began", answer)) if title is not None else None
    if began is None or not posts:
        raise FieldMissing("article.posted_at", answer.url)
    article = Article(
        external_id=address.article_id or "",
        date=began.date(),
        section=0,
        section_name=None,
        category=None,
        title=_text(title),
        link=None,
        outlet=None,
        posted_by=_text(posts[0].css_first("b")) if begins else None,
        posted_at=began.replace(tzinfo=UTC),
        posted_local=f"{began:%Y-%m-%dT%H:%M}",
        label=None,
        views=None,
        text=_text(posts[0].css_first("p")) if begins else "",
        text_original=None,
        html=None,
        comments=comments,
    )
    part = Part(
        thread=article.external_id,
        paging="overlap",
        first=address.offset,
        ids=ids,
        total=None,
        starts=begins,
        ends=page.first(NEXT) is None,
        others=frozenset(ids[:1]) if begins else frozenset(),
    )
    silent = (
        SHOWN_ONLY_IN_THREADS if begins else SHOWN_ONLY_IN_THREADS | {"article.posted_by", "article.text"}
    )
    return replace(_page("comments", answer, article.date, part, articles=(article,)), silent_on=silent)


def _comment(post: Node, position: int, answer: Answer) -> Comment:
    at = datetime.fromisoformat(_attribute(post.css_first("time"), "datetime", answer))
    if post.css_first("p") is None:
        raise FieldMissing("comment.text", answer.url)
    return Comment(
        number=None,
        external_id=_attribute(post, "id", answer)[1:],
        author=_text(post.css_first("b")) or None,
        posted_at=at.replace(tzinfo=UTC),
        posted_local=f"{at:%Y-%m-%dT%H:%M}",
        text=_text(post.css_first("p")),
        html=None,
        position=position,
    )


def _page(
    kind: str,
    answer: Answer,
    day: date,
    part: Part,
    *,
    articles: tuple[Article, ...],
    claims: tuple[ThreadClaim, ...] = (),
) -> ParsedPage:
    return ParsedPage(
        source=NAME,
        kind="section" if kind == "section" else "comments",
        url=answer.url,
        date=day,
        section=0,
        articles=articles,
        headlines=(),
        counters=Counters(sections={}),
        truncated=False,
        silent_on=frozenset(),
        encoding="",
        encoding_from="",
        repaired=0,
        replaced=0,
        parser=f"{NAME}.{kind}",
        revision=1,
        part=part,
        claims=claims,
    )


def _attribute(node: Node | None, name: str, answer: Answer) -> str:
    value = attribute(node, name) if node is not None else None
    if not value:
        raise FieldMissing(name, answer.url)
    return value


def _text(node: Node | None) -> str:
    return render(node.traverse(include_text=True), lambda _: None)[0] if node is not None else ""


def _entries(day: date) -> tuple[Address, ...]:
    return (Address(kind="section", day=day, section=0),)


SOURCE = Source(
    name=NAME,
    base_url=BASE_URL,
    hosts=("pier.example",),
    zone="Etc/UTC",
    delay=1.0,
    sections=(0,),
    templates=(),
    address_of=address_of,
    url_of=url_of,
    lists=Lists(entries=_entries, follow=follow, read=read),
)
