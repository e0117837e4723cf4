"""Puts parsed pages into a real store the way the line does: one page, one transaction."""

from dataclasses import replace
from datetime import datetime
from itertools import count

from ingest.decide.changes.decide import ONCE_MORE, decide, leaving
from ingest.decide.changes.model import Changes, Stored, StoredArticle
from ingest.records.pages import CaptureRow
from ingest.store import Store
from parsers.records import ParsedPage
from tests.kit.parsed import NOON

_offsets = count()


def capture_row(offset: int | None = None, **fields: object) -> CaptureRow:
    plain = CaptureRow(
        run_id=None,
        source="harbour",
        url="https://harbour.example/?D=05/04/2021&HC=1&SO=",
        kind="section",
        captured_at=NOON,
        status=200,
        digest="0" * 64,
        content_type="text/html",
        warc_file="harbour-0001.warc.gz",
        warc_offset=next(_offsets) if offset is None else offset,
        warc_length=700,
        framed=True,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def visit(store: Store, page: ParsedPage, captured_at: datetime, *, complete: bool = True) -> Changes:
    with store.transaction() as tx:
        ids = {article.external_id for article in page.articles}
        held = tx.held(page.source, ids, page.date)
        if complete and (gone := leaving(page, held, captured_at, ONCE_MORE)):
            held = tx.held(page.source, ids | gone, page.date)
        changes = decide(page, held, captured_at=captured_at, complete=complete)
        tx.load(changes, tx.captures.add(capture_row(captured_at=captured_at)))
    return changes


def held_of(store: Store, *article_ids: str) -> Stored:
    with store.transaction() as tx:
        return tx.held("harbour", set(article_ids))


def article_of(store: Store, external_id: str = "100") -> StoredArticle:
    return held_of(store, external_id).articles[external_id]
