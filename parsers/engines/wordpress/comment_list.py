"""A page with an article's comments in HTML, for sites whose REST interface is closed.

ids -> comment nodes -> author, time, text, parent -> claims of the heading, the thread's other pages
"""

from collections.abc import Sequence
from dataclasses import dataclass

from parsers.engines.moments import with_instants
from parsers.engines.printed_dates import DayOrder, order_of
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, EnginePage, Moment
from parsers.engines.tree import attribute_of
from parsers.engines.wordpress.article import article_of, post_id_of
from parsers.engines.wordpress.comment_author import author_node, pingback_name
from parsers.engines.wordpress.comment_nodes import CommentNode, comment_nodes
from parsers.engines.wordpress.comment_pages import linked_pages, shown_page
from parsers.engines.wordpress.comment_text import Content, content_of
from parsers.engines.wordpress.comment_time import posted_of, times_in_words
from parsers.engines.wordpress.heading import heading_claims
from parsers.engines.wordpress.rest_answer import ENGINE
from parsers.engines.wordpress.software import is_wordpress, refusal
from parsers.errors import FieldMalformed, FieldMissing, ParseError
from parsers.html import Node
from parsers.records import Unreadable

# <li class="pingback even" id="comment-12">
PINGS = frozenset({"pingback", "trackback"})
PING_WORDS = ("pingback", "trackback")
# <p>[…] a boat on a hill […]</p>
CUT = "[\u2026]"
NO_TIME = Moment(local=None, at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A comment's element, and what of it is found before the page's order of dates is known."""

    comment: CommentNode
    position: int
    author: tuple[Node, str] | None
    content: Content | None
    words: list[str]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The elements that hold what the comment says."""
        return self.content.nodes if self.content is not None else ()


def read_html(raw: RawPage) -> EnginePage:
    """The comments of a page, pingbacks among them by their state.

    Raises:
        PageBlocked: a wall stands in the page's place.
        PageTruncated: the page is cut short.
        PageUnrecognised: the page is none of WordPress's.
        ParseError: no comment of it can be read; the first one's error.
    """
    if not is_wordpress(raw):
        raise refusal(raw)
    raw.require_closed()
    entry_id = post_id_of(raw)
    comments, unreadable = _read_all(comment_nodes(raw.page), entry_id, raw)
    claims = heading_claims(raw, entry_id)
    pages, page = linked_pages(raw), shown_page(raw)
    return EnginePage(
        engine=ENGINE,
        kind="thread",
        url=raw.url,
        entries=(article_of(raw, claims[0].count if claims and claims[0].exact else None),),
        comments=comments,
        claims=claims,
        next_urls=tuple(address for number, address in pages.items() if number != page),
        page=page,
        pages=max((*pages, page or 1)),
        unreadable=unreadable,
    )


def _read_all(
    nodes: Sequence[CommentNode], entry_id: str | None, raw: RawPage
) -> tuple[tuple[EngineComment, ...], tuple[Unreadable, ...]]:
    prepared = [_prepare(comment, position) for position, comment in enumerate(nodes, start=1)]
    language = attribute_of(raw.page, "html", "lang")
    # "04/05/2018" alone does not say its order; another comment's "04/14/2018" does, for all.
    order = order_of((words for one in prepared for words in one.words), language)
    # A comment that cannot be read costs itself alone; if none can be, the markup is not understood.
    comments: list[EngineComment] = []
    unreadable: list[Unreadable] = []
    first_error: ParseError | None = None
    for one in prepared:
        try:
            comments.append(_read(one, entry_id, order, raw))
        except ParseError as error:
            first_error = first_error or error
            comment_id = one.comment.external_id
            unreadable.append(Unreadable(article=entry_id, comment=comment_id, reason=error.reason))
    if first_error is not None and not comments:
        raise first_error
    return with_instants(comments, raw.zone), tuple(unreadable)


def _prepare(comment: CommentNode, position: int) -> _Prepared:
    author = author_node(comment)
    content = content_of(comment, author[0]) if author else None
    nodes = content.nodes if content else ()
    words = times_in_words(comment, author[0] if author else None, nodes)
    return _Prepared(comment=comment, position=position, author=author, content=content, words=words)


def _read(one: _Prepared, entry_id: str | None, order: DayOrder | None, raw: RawPage) -> EngineComment:
    # Before what is required of a comment: a pingback has no author of its own, and often no time.
    if _is_ping(one):
        return _record(one, entry_id, pingback_name(one.comment), _ping_time(one, order))
    comment_id = f"comment {one.comment.external_id}"
    if one.author is None:
        raise FieldMissing("comment.author", raw.url, of=comment_id)
    try:
        posted = posted_of(one.comment, one.words, order, one.nodes)
    except ValueError as error:
        raise FieldMalformed("comment.posted_at", str(error), raw.url) from error
    if one.content is None:
        raise FieldMissing("comment.text", raw.url, of=comment_id)
    return _record(one, entry_id, one.author[1], posted)


def _record(one: _Prepared, entry_id: str | None, author: str | None, posted: Moment) -> EngineComment:
    is_ping = _is_ping(one)
    content = None if is_ping else one.content
    return EngineComment(
        entry_id=entry_id,
        external_id=one.comment.external_id,
        number=None,
        position=one.position,
        parent_external_id=one.comment.parent_id,
        parent_number=None,
        author=author,
        author_id=None,
        posted=posted,
        edited=None,
        text=content.text if content else "",
        html=content.html if content else None,
        state="pingback" if is_ping else "shown",
    )


def _is_ping(one: _Prepared) -> bool:
    comment = one.comment
    if not PINGS.isdisjoint(comment.classes):
        return True
    # A theme may print no more of a pingback than its link and the excerpt between two cuts.
    bare = one.author is None and not comment.classes and CUT in comment.words
    return bare or (comment.words.lower().startswith(PING_WORDS) and not _is_called_so(one))


def _is_called_so(one: _Prepared) -> bool:
    """Whether the word that a comment begins with is its author's name: ``Pingback Pete says:``."""
    name = one.author[1].lower() if one.author is not None else ""
    # "Pingback: A boat on a hill" is a heading, with a colon; a name has none.
    return "comment" in one.comment.classes and name.startswith(PING_WORDS) and ":" not in name


def _ping_time(one: _Prepared, order: DayOrder | None) -> Moment:
    try:
        return posted_of(one.comment, one.words, order, one.nodes)
    except ValueError:
        return NO_TIME
