"""What a database holds beside what the site shows: the same rows, made by two ways that share nothing."""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Row, create_engine, select

from ingest.store.database.engine import read_url
from ingest.store.database.schema import article_versions, articles, comment_versions, comments
from ingest.store.database.schema import metadata as schema
from tests.site.model import Day
from tests.site.truth import section_answer

Rows = list[dict[str, Any]]

OF_ARTICLES = (
    "external_id", "date", "section", "section_name", "category", "title", "link", "outlet", "posted_by",
    "posted_at", "posted_local", "label", "text", "text_original",
)  # fmt: skip
OF_COMMENTS = ("number", "external_id", "author", "posted_at", "posted_local", "text")


def told(*days: Day) -> Rows:
    """Every article of the days as the site shows it, with its thread; without views, which never rest."""
    rows: Rows = []
    for day in days:
        for section in day.names:
            answer: Any = section_answer(day, section, url="")
            rows += [
                {key: value for key, value in one.items() if key != "views"} for one in answer["articles"]
            ]
    return sorted(rows, key=lambda row: row["external_id"])


def held(url: str) -> Rows:
    """Every article that the database says the site shows, with its thread."""
    with Connected(url) as connection:
        threads: dict[int, Rows] = {}
        # Just these columns: the database may be one of an older schema.
        wanted = select(comments.c.article_id, *(comments.c[name] for name in OF_COMMENTS))
        live = wanted.where(comments.c.vanished_at.is_(None)).order_by(comments.c.number)
        for row in connection.execute(live):
            threads.setdefault(row.article_id, []).append(_values(row, OF_COMMENTS))
        shown = select(articles).where(articles.c.vanished_at.is_(None)).order_by(articles.c.external_id)
        return [
            {**_values(row, OF_ARTICLES), "comments": threads.get(row.id, [])}
            for row in connection.execute(shown)
        ]


def vanished(url: str) -> set[str]:
    """The ids of the articles and comments that the site no longer shows."""
    with Connected(url) as connection:
        return {
            row.external_id
            for table in (articles, comments)
            for row in connection.execute(select(table).where(table.c.vanished_at.is_not(None)))
        }


def versions(url: str) -> list[tuple[str, datetime, datetime]]:
    """What comments and articles said before: text, from when, to when."""
    with Connected(url) as connection:
        return [
            (row.text, row.valid_from, row.valid_to)
            for table in (article_versions, comment_versions)
            for row in connection.execute(select(table).order_by(table.c.id))
        ]


def table(url: str, name: str) -> Rows:
    """A table as it is."""
    with Connected(url) as connection:
        found = connection.execute(select(schema.tables[name]))
        return [dict(row._mapping) for row in found]


def execute(url: str, statement: str) -> None:
    """Change the database behind thresher's back."""
    with Connected(url) as connection, connection.begin():
        connection.exec_driver_sql(statement)


def misquote(url: str, comment: str, words: str) -> None:
    """Let a comment say these words behind thresher's back; its HTML, null where it was the text, stays."""
    changed = f"html = coalesce(html, text), text = '{words}'"
    execute(url, f"UPDATE comments SET {changed} WHERE external_id = '{comment}'")


def digest(url: str, *, without: Collection[str] = ()) -> str:
    """The SHA-256 of all that is held, present and past, without ids of rows, moments of now and places.

    ``without`` are tables that are left out.
    """
    left_out = {
        "id", "article_id", "comment_id", "capture_id", "run_id", "url", "warc_file", "warc_offset",
        "warc_length", "record_id", "refers_to",
        "started_at", "ended_at", "host", "pid", "counts",
    }  # fmt: skip
    told_of: dict[str, list[str]] = {}
    for name in schema.tables.keys() - {*without}:
        rows = ({key: str(row[key]) for key in row if key not in left_out} for row in table(url, name))
        told_of[name] = sorted(json.dumps(row, sort_keys=True) for row in rows)
    return hashlib.sha256(json.dumps(told_of, sort_keys=True).encode()).hexdigest()


def tables(url: str) -> set[str]:
    """The names of the tables that are there."""
    with Connected(url) as connection:
        found = MetaData()
        found.reflect(connection)
        return set(found.tables)


class Connected:
    def __init__(self, url: str) -> None:
        self._engine = create_engine(read_url(url))

    def __enter__(self) -> Connection:
        self._connection = self._engine.connect()
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.dispose()


def _values(row: Row[Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(row._mapping[name]) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if hasattr(value, "isoformat") else value
