"""What vanished by a list that was proved over all its pages: rows that none of them showed. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from ingest.decide.changes.content import ContentT
from ingest.decide.changes.model import Changes, Claim, RowChanges, Stored, StoredRow
from parsers.lists import ListVisit


def gone_from_thread(visit: ListVisit, thread: str, held: Stored) -> tuple[int, ...]:
    """The thread's live comments that a proven visit did not show."""
    known = held.articles.get(thread)
    return _unseen(visit, known.comments if known is not None else ())


def gone_from_listing(visit: ListVisit, held: Stored, section: int) -> tuple[str, ...]:
    """The live articles of the listing's place that a proven visit did not list."""
    # What was taken down stays as it is, whatever the site lists.
    listed = visit.shown | held.suppressed_articles
    return tuple(
        known.external_id
        for known in held.articles.values()
        if known.row.live
        and known.row.content.section == section
        and known.external_id not in listed
        # Seen since the visit began: it stood on a page after this list's first one was read.
        and known.row.last_seen_at <= visit.began_at
    )


def with_absent(
    changes: Changes, *, articles: Collection[int] = (), comments: Collection[int] = ()
) -> Changes:
    """The changes, with these rows vanished as well."""
    return replace(
        changes,
        articles=_with_vanished(changes.articles, articles),
        comments=_with_vanished(changes.comments, comments),
    )


def with_claim(changes: Changes, visit: ListVisit, thread: str, held: Stored) -> Changes:
    """The changes, with the number of comments that the site says the thread has, where that is another."""
    # A list that moved while it was read has a total of no one moment.
    if visit.total is None or visit.status not in {"proven", "short"}:
        return changes
    known = held.articles.get(thread)
    # The total counts a forum's opening post and notes that a topic was closed; a claim counts comments.
    claimed = visit.total - len(visit.others)
    if thread in held.suppressed_articles or (known is not None and known.claimed == claimed):
        return changes
    return replace(changes, claims=(*changes.claims, Claim(article=thread, comments=claimed)))


def _unseen(visit: ListVisit, rows: Iterable[StoredRow[ContentT]]) -> tuple[int, ...]:
    shown = visit.shown
    return tuple(
        row.row_id
        for row in rows
        if row.live and row.external_id not in shown and row.last_seen_at <= visit.began_at
    )


def _with_vanished(rows: RowChanges[ContentT], more: Collection[int]) -> RowChanges[ContentT]:
    vanished = (*rows.vanished, *more)
    return replace(rows, vanished=vanished, counts=replace(rows.counts, vanished=len(vanished)))
