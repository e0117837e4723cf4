"""A thread's page with what it cannot tell itself: its day, its section, and the ids of parents elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ingest.decide.changes.content import ArticleContent
from ingest.decide.changes.model import Stored, StoredArticle
from ingest.records.lists import ThreadState
from ingest.store import Transaction
from parsers.records import Comment, ParsedPage, changed

SECTION = "article.section"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The page, and what was read to place it: its thread's row, and what is held of all its articles.

    None is what was not read, or is not there.
    """

    page: ParsedPage
    state: ThreadState | None = None
    held: Stored | None = None


def placed(transaction: Transaction, page: ParsedPage) -> Placed:
    """The page on the day that its thread is known to be of, and its answers with their parents' ids.

    A page of comments alone cannot tell either.
    """
    thread = page.part.thread if page.part is not None and page.kind == "comments" else None
    if thread is None:
        return Placed(page=page)
    state = transaction.threads.thread(page.source, thread)
    held = transaction.held(page.source, (thread,))
    page = _with_place(page, state, held.articles.get(thread))
    # Late comments are of several threads: what is held of one is not all that is needed.
    is_all = {article.external_id for article in page.articles} == {thread}
    return Placed(page=page, state=state, held=held if is_all else None)


def _with_place(page: ParsedPage, state: ThreadState | None, known: StoredArticle | None) -> ParsedPage:
    home = known.row.content if known is not None else None
    # Where the listing has it, else where it was last seen, else where the page puts it.
    section = next((one.section for one in (state, home) if one is not None), page.section)
    # The day of a page that shows no opening post is a guess, which the store knows better.
    day = page.date if page.dated else _day_of(home, state, page.date)
    # {"reply_to_post_number": 2}: a number's id is known here if its post is held.
    ids = _ids_by_number(known)
    articles = tuple(
        changed(article, date=day, section=section, comments=_with_parents(article.comments, ids))
        for article in page.articles
    )
    # Its listing's word counts for more than the page's silence: the thread may have been put elsewhere.
    silent_on = page.silent_on - {SECTION} if state is not None else page.silent_on
    return replace(page, date=day, section=section, articles=articles, silent_on=silent_on)


def _ids_by_number(known: StoredArticle | None) -> dict[int, str]:
    rows = known.comments if known is not None else ()
    return {
        row.content.number: row.external_id
        for row in rows
        if row.external_id is not None and row.content.number is not None
    }


def _with_parents(comments: tuple[Comment, ...], ids: Mapping[int, str]) -> tuple[Comment, ...]:
    """The comments with the ids of those that they answer on another page of the thread."""
    if all(comment.parent_number is None for comment in comments):
        return comments
    return tuple(
        changed(comment, parent_external_id=ids.get(comment.parent_number))
        if comment.parent_number is not None
        else comment
        for comment in comments
    )


def _day_of(home: ArticleContent | None, state: ThreadState | None, guess: date) -> date:
    if home is not None:
        return home.date
    return state.day if state is not None else guess
