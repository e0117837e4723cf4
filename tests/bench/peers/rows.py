"""The rows that a crawler loads into SQLite, one transaction a page, as durable as ours."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

ARTICLE = (
    "external_id", "date", "section", "section_name", "category", "title", "link", "outlet", "posted_by",
    "posted_at", "posted_local", "label", "views", "text", "text_original",
)  # fmt: skip
COMMENT = ("external_id", "article", "number", "parent", "author", "posted_at", "posted_local", "text")
SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")


class Database:
    """Articles and comments by their ids; what is there already is replaced."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path)
        for setting in SETTINGS:
            self._connection.execute(setting)
        for name, columns in (("articles", ARTICLE), ("comments", COMMENT)):
            self._connection.execute(
                f"CREATE TABLE IF NOT EXISTS {name} ({columns[0]} TEXT PRIMARY KEY, {', '.join(columns[1:])})"
            )
        self._connection.execute("CREATE INDEX IF NOT EXISTS comments_of ON comments (article)")

    def load(self, articles: Sequence[dict[str, Any]]) -> None:
        """The articles of one page, each with ``comments``; without ``title`` it is one that is held."""
        comments = [{**said, "article": one["external_id"]} for one in articles for said in one["comments"]]
        with self._connection:
            self._connection.executemany(upsert("articles", ARTICLE), _values(ARTICLE, articles, "title"))
            self._connection.executemany(upsert("comments", COMMENT), _values(COMMENT, comments, "text"))

    def close(self) -> None:
        """Done."""
        self._connection.close()


def upsert(table: str, columns: Sequence[str]) -> str:
    """The statement that writes a row, new or not."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT ({columns[0]}) DO UPDATE SET {changed}"


def _values(columns: Sequence[str], rows: Iterable[dict[str, Any]], needed: str) -> list[tuple[Any, ...]]:
    return [tuple(map(row.get, columns)) for row in rows if needed in row]
