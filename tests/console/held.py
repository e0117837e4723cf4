"""A database with something of all that the console shows, written row by row."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert

from ingest.store.database.engine import read_url
from ingest.store.database.schema import (
    article_versions,
    articles,
    captures,
    comment_versions,
    comments,
    pages,
    quarantine,
    runs,
)
from tests.kit.databases import newest_sqlite

SOURCE = "rantburg"
DAY = date(2018, 3, 23)
NOON = datetime(2018, 3, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BY = {"capture_id": 1, "parser": "rantburg.section", "revision": 2}
SEEN = {"first_seen_at": NOON, "last_seen_at": NOON + HOUR}
REPORT = {
    "captures": {"looked": 7, "parsed": 6},
    "articles": {"modified": 1},
    "comments": {"modified": 0},
    "fields": [
        {
            "field": "comment.text",
            "rows": 1,
            "samples": [{"article": "7", "comment": "71", "before": "the weir", "after": "<b>the lock</b>"}],
        }
    ],
    "failures": [{"capture_id": 2, "error": "no title"}],
}


class Held:
    """The rows of one database; each method adds some."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "held.sqlite3"
        self.path.write_bytes(newest_sqlite())
        self._engine = create_engine(read_url(str(self.path)))
        self.write(self._captures)

    def write(self, add: Any, *values: Any, **named: Any) -> None:
        with self._engine.connect() as connection, connection.begin():
            add(connection, *values, **named)

    def close(self) -> None:
        self._engine.dispose()

    def article(self, row_id: int, comment_rows: list[Mapping[str, Any]] = [], **content: Any) -> None:  # noqa: B006
        """An article of the day with comments, whose ids are its own and a digit."""
        values = {
            "id": row_id,
            "source": SOURCE,
            "external_id": str(row_id),
            "date": DAY,
            "section": 1,
            "title": "The weir",
            "text": "It holds.",
            "content_digest": "",
            **SEEN,
            **BY,
            **content,
        }
        self.write(lambda connection: connection.execute(insert(articles).values(values)))
        for number, row in enumerate(comment_rows, 1):
            self.comment(row_id, number, **row)

    def comment(self, article: int, number: int, **content: Any) -> None:
        posted = NOON + number * HOUR
        values = {
            "id": article * 1000 + number,
            "article_id": article,
            "external_id": f"{article}{number}",
            "number": number,
            "author": "Quince",
            "posted_at": posted,
            "posted_local": f"{posted:%Y-%m-%dT%H:%M}",
            "text": "So it does.",
            "content_digest": "",
            **SEEN,
            **BY,
            **content,
        }
        self.write(lambda connection: connection.execute(insert(comments).values(values)))

    def comment_version(self, article: int, number: int, **content: Any) -> None:
        values = {
            "comment_id": article * 1000 + number,
            "number": number,
            "author": "Quince",
            "posted_at": NOON,
            "posted_local": "2018-03-23T08:00",
            "text": "So it did once.",
            "valid_from": NOON,
            "valid_to": NOON + HOUR,
            **BY,
            **content,
        }
        self.write(lambda connection: connection.execute(insert(comment_versions).values(values)))

    def article_version(self, article: int, **content: Any) -> None:
        values = {
            "article_id": article,
            "date": DAY,
            "title": "The mill",
            "text": "It held.",
            "valid_from": NOON,
            "valid_to": NOON + HOUR,
            **BY,
            **content,
        }
        self.write(lambda connection: connection.execute(insert(article_versions).values(values)))

    def page(self, day: date = DAY, state: str = "done", section: int = 1, **counts: Any) -> None:
        values = {
            "source": SOURCE,
            "day": day,
            "section": section,
            "state": state,
            "attempts": 1,
            "expected_articles": 1,
            "held_articles": 1,
            "expected_comments": 3,
            "held_comments": 3,
            "visited_at": NOON,
            "full_at": NOON,
            **counts,
        }
        self.write(lambda connection: connection.execute(insert(pages).values(values)))

    def quarantined(self, **content: Any) -> None:
        values = {
            "id": 5,
            "capture_id": 2,
            "source": SOURCE,
            "url": "http://www.rantburg.com/?D=03/23/2018",
            "error_kind": "FieldMissing",
            "error": "comment.author is missing",
            "field": "comment.author",
            "attempts": 2,
            "first_failed_at": NOON,
            "last_failed_at": NOON + HOUR,
            **content,
        }
        self.write(lambda connection: connection.execute(insert(quarantine).values(values)))

    def run(self, row_id: int, command: str = "harvest", **content: Any) -> None:
        values = {
            "id": row_id,
            "command": command,
            "source": SOURCE,
            "started_at": NOON,
            "ended_at": NOON + HOUR,
            "outcome": "complete",
            "counts": json.dumps({"requests": 4, "articles_new": 1, "comments_new": 3}),
            "version": "0.1.0",
            "host": "here",
            "pid": 1,
            **content,
        }
        self.write(lambda connection: connection.execute(insert(runs).values(values)))

    def _captures(self, connection: Connection) -> None:
        for number in (1, 2):
            values = {
                "id": number,
                "source": SOURCE,
                "url": "http://www.rantburg.com/?D=03/23/2018&HC=1",
                "kind": "section",
                "day": DAY,
                "captured_at": NOON,
                "status": 200,
                "digest": f"{number}" * 64,
                "content_type": "text/html",
                "warc_file": "one.warc.gz",
                "warc_offset": number,
                "warc_length": 100,
                "framed": True,
                "parser": BY["parser"] if number == 1 else None,
                "revision": 2 if number == 1 else None,
            }
            connection.execute(insert(captures).values(values))


def filled(folder: Path) -> Held:
    """Two years of a ledger, a thread with all that may have happened to it, runs and a quarantine."""
    held = Held(folder)
    held.run(1)
    held.run(2, "reparse --diff", report=json.dumps(REPORT))
    held.page()
    held.page(date(2018, 3, 24), "short", held_comments=1)
    held.page(date(2018, 3, 25), "failed", last_error="the site answered 500")
    held.page(date(2018, 3, 27), "unproven", expected_articles=None, expected_comments=None)
    held.page(date(2017, 12, 30), "pending", full_at=None, expected_articles=None, held_articles=None)
    held.quarantined()
    edited = {"author": "Old Tiller", "text": "So it does now.", "html": "<p>So it does <b>now</b>.</p>"}
    held.article(
        7,
        [{}, edited, {"vanished_at": NOON + HOUR, "parent_external_id": "72"}],
        title="The weir & the lock",
        link="https://news.example/weir",
        posted_by="Fen Reeve",
        text="It holds.",
        text_original="It holds well.",
        claimed_comments=3,
        views=12,
    )
    held.comment_version(7, 2)
    held.article_version(7)
    return held
