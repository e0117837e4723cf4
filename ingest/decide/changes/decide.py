"""Decide what one parsed page changes in the store. Pure: values in, values out.

    ParsedPage + Stored --matching--> Listings --rows--> Changes

Identity is the article's id within its source and the comment's id within its article. Suppressed ids
are passed over. An article that is listed at several places keeps one home (``places``). Deciding twice
on one capture finds nothing to change the second time.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from ingest.decide.changes.content import ArticleContent, CommentContent
from ingest.decide.changes.matching import Listing, listings
from ingest.decide.changes.model import (
    Changes,
    Claim,
    RowChanges,
    Stored,
    StoredArticle,
    StoredRow,
    ViewsRead,
)
from ingest.decide.changes.places import at_home, heirs, place_changes
from ingest.decide.changes.rows import ONCE_MORE, Reading, row_changes
from parsers.records import Article, Headline, ParsedPage

__all__ = ["ONCE_MORE", "Reading", "decide", "leaving"]


def decide(
    page: ParsedPage,
    held: Stored,
    *,
    captured_at: datetime,
    complete: bool,
    reading: Reading = ONCE_MORE,
) -> Changes:
    """What the page changes; only a ``complete`` page can prove that something vanished.

    ``held`` must cover the page's articles with their comments and, for a section page, the other
    articles that its day lists; of those that are ``leaving``, the comments too.
    """
    # Once each: of an article that a page shows twice, the last block counts.
    shown = tuple(_shown(page, held).values())
    proves_absence = complete and page.can_be_complete
    return Changes(
        source=page.source,
        captured_at=captured_at,
        parser=page.parser,
        revision=page.revision,
        articles=_article_changes(page, shown, held, captured_at, reading, proves_absence=proves_absence),
        comments=_comment_changes(page, shown, held, captured_at, reading, proves_absence=proves_absence),
        views=tuple(_views(page, shown, held, captured_at, reading)),
        claims=tuple(_claims(page, shown, held, captured_at, reading)),
        places=place_changes(page, shown, held, captured_at, reading, proves_absence=proves_absence),
    )


def leaving(page: ParsedPage, held: Stored, captured_at: datetime, reading: Reading) -> frozenset[str]:
    """The articles that vanish by the page, if it is complete."""
    if not page.can_be_complete:
        return frozenset()
    heired = {listing.article for listing in heirs(page, held, captured_at, reading)}
    rows = _articles_unlisted(page, held, heired)
    return frozenset(
        known.external_id
        for known in (held.articles[row.external_id] for row in rows if row.external_id is not None)
        if known.row.live and reading.proves_gone(known.row.last_seen_at, captured_at)
    )


def _shown(page: ParsedPage, held: Stored) -> dict[str, Article]:
    allowed = (article for article in page.articles if article.external_id not in held.suppressed_articles)
    return {article.external_id: article for article in allowed}


def _article_changes(
    page: ParsedPage,
    shown: Iterable[Article],
    held: Stored,
    captured_at: datetime,
    reading: Reading,
    *,
    proves_absence: bool,
) -> RowChanges[ArticleContent]:
    listed = [_article_listing(page, article, held) for article in shown]
    # Listed at another place of theirs, these do not vanish: they move.
    moving = heirs(page, held, captured_at, reading) if proves_absence else []
    heired = {listing.article for listing in moving}
    unlisted = _articles_unlisted(page, held, heired) if proves_absence else ()
    listed += moving
    return row_changes(listed, unlisted, _silent(page, "article."), captured_at, reading)


def _article_listing(page: ParsedPage, article: Article, held: Stored) -> Listing[ArticleContent]:
    known = held.articles.get(article.external_id)
    return Listing(
        article=article.external_id,
        external_id=article.external_id,
        content=at_home(page, article, known),
        held=known.row if known else None,
    )


def _articles_unlisted(
    page: ParsedPage, held: Stored, elsewhere: Collection[str]
) -> list[StoredRow[ArticleContent]]:
    # The day's catalogue names articles of all sections; the page shows those of its own.
    listed = {headline.external_id for headline in page.headlines} | held.suppressed_articles
    listed |= set(elsewhere)
    listed |= {article.external_id for article in page.articles}
    return [
        known.row
        for known in held.articles.values()
        if known.row.content.date == page.date and known.external_id not in listed
    ]


def _comment_changes(
    page: ParsedPage,
    shown: Iterable[Article],
    held: Stored,
    captured_at: datetime,
    reading: Reading,
    *,
    proves_absence: bool,
) -> RowChanges[CommentContent]:
    listed = [listing for article in shown for listing in _comment_listings(article, held)]
    known = [held.articles[article.external_id] for article in shown if article.external_id in held.articles]
    silent = _silent(page, "comment.")
    if proves_absence:
        # Comments go with their article, at the same moment: by that they are found when it returns.
        gone = (held.articles[article_id] for article_id in sorted(leaving(page, held, captured_at, reading)))
        stored = chain.from_iterable(article.comments for article in (*known, *gone))
        return row_changes(listed, _unlisted(stored, listed), silent, captured_at, reading)
    changes = row_changes(listed, (), silent, captured_at, reading)
    back = _unlisted(_taken_along(known, captured_at, reading), listed)
    returned = (*changes.returned, *(row.row_id for row in back))
    return replace(changes, returned=returned, counts=replace(changes.counts, returned=len(returned)))


def _comment_listings(article: Article, held: Stored) -> list[Listing[CommentContent]]:
    known = held.articles.get(article.external_id)
    rows = known.comments if known else ()
    # A comment's id is its own only within its article.
    down = frozenset(comment for of, comment in held.suppressed_comments if of == article.external_id)
    return list(_allowed(listings(article.external_id, article.comments, rows), rows, down))


def _unlisted(
    rows: Iterable[StoredRow[CommentContent]], listed: Iterable[Listing[CommentContent]]
) -> list[StoredRow[CommentContent]]:
    met = _row_ids(listed)
    return [row for row in rows if row.row_id not in met]


def _row_ids(listed: Iterable[Listing[CommentContent]]) -> set[int]:
    return {listing.held.row_id for listing in listed if listing.held}


def _taken_along(
    articles: Iterable[StoredArticle], captured_at: datetime, reading: Reading
) -> Iterator[StoredRow[CommentContent]]:
    """The comments that vanished with their article and return with it, shown by the page or not."""
    for known in articles:
        gone_at = known.row.vanished_at
        if gone_at is not None and reading.is_up_to_date(gone_at, captured_at):
            yield from (row for row in known.comments if row.vanished_at == gone_at)


def _allowed(
    found: Sequence[Listing[CommentContent]],
    rows: Sequence[StoredRow[CommentContent]],
    down: frozenset[str],
) -> Iterator[Listing[CommentContent]]:
    """A thread's listings without the words of the comments that were taken down.

    The row of such a comment, if there is one, still says whether the site shows it, but takes no words from
    the page. Its author is erased and its number can change, so a listing without an id that matches no other
    row is recognised by its time.
    """
    emptied = _emptied_by_time(rows, down)
    met = _row_ids(found)
    for listing in found:
        row = listing.held
        if row is None and listing.external_id is None:
            # Two comments of one minute look alike: the row stands for one of them only.
            row = emptied.get(listing.content.posted_local)
            if row is not None and row.row_id in met:
                continue
        if not down & {listing.external_id, row.external_id if row else None}:
            yield listing
        elif row is not None:
            met.add(row.row_id)
            yield replace(listing, held=row, content=row.content)


def _emptied_by_time(
    rows: Iterable[StoredRow[CommentContent]], down: frozenset[str]
) -> dict[str | None, StoredRow[CommentContent]]:
    return {row.content.posted_local: row for row in rows if row.external_id in down}


def _views(
    page: ParsedPage, shown: Iterable[Article], held: Stored, captured_at: datetime, reading: Reading
) -> Iterable[ViewsRead]:
    # None would be "no views" where the page only does not show them.
    if "article.views" in page.silent_on:
        return
    for article in shown:
        known = held.articles.get(article.external_id)
        if known is None or (known.views != article.views and _views_may_move(known, captured_at, reading)):
            yield ViewsRead(article=article.external_id, views=article.views)


def _views_may_move(known: StoredArticle, captured_at: datetime, reading: Reading) -> bool:
    return known.views is None or reading.is_up_to_date(known.row.last_seen_at, captured_at)


def _claims(
    page: ParsedPage, shown: Iterable[Article], held: Stored, captured_at: datetime, reading: Reading
) -> Iterable[Claim]:
    # A headline of another section names articles that no page has shown yet: they have no row.
    kept = (held.articles.keys() - held.suppressed_articles) | {article.external_id for article in shown}
    # Of an article that two sections list, the larger claim.
    by_count = sorted(page.headlines, key=lambda headline: headline.comment_count)
    of_each = {headline.external_id: headline for headline in by_count}
    for headline in of_each.values():
        known = held.articles.get(headline.external_id)
        if headline.external_id in kept and (
            known is None or _claim_moves(known, headline, captured_at, reading)
        ):
            yield Claim(article=headline.external_id, comments=headline.comment_count)


def _claim_moves(known: StoredArticle, headline: Headline, captured_at: datetime, reading: Reading) -> bool:
    newer = known.claimed_at is None or reading.is_up_to_date(known.claimed_at, captured_at)
    return newer and known.claimed != headline.comment_count


def _silent(page: ParsedPage, table: str) -> frozenset[str]:
    return frozenset(name.removeprefix(table) for name in page.silent_on if name.startswith(table))
