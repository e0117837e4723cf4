"""The tables. How they come into a database is settled by ``migrations/``; a test compares the two.

It is longer than other modules: the tables refer to one another, and are read side by side.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from ingest.store.database.types import BigId, CleanText, HexDigest, HtmlText, UtcDateTime, UtcMicroseconds

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

VANISHED = text("vanished_at IS NOT NULL")
"""What PostgreSQL alone has stands in the migrations: here every process would load its dialect."""


def _text(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, CleanText, nullable=not required)


def _when(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime, nullable=not required)


def _moment(name: str, *, required: bool = False) -> Column[Any]:
    """An instant in a table of many rows."""
    return Column(name, UtcMicroseconds, nullable=not required)


def _html() -> Column[Any]:
    return Column("html", HtmlText)


def _digest() -> Column[Any]:
    return Column("content_digest", HexDigest, nullable=False)


def _number(name: str, *, required: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=not required)


def _identity() -> Column[Any]:
    return Column("id", BigId, primary_key=True)


# No ON DELETE anywhere: a migration that rebuilds a table must not be able to take others with it.
def _reference(name: str, table: str, *, required: bool = True) -> Column[Any]:
    return Column(name, BigId, ForeignKey(f"{table}.id"), nullable=not required)


def _origin() -> tuple[Column[Any], ...]:
    return (
        _reference("capture_id", "captures"),
        _text("parser", required=True),
        _number("revision", required=True),
    )


def _sightings() -> tuple[Column[Any], ...]:
    return (
        _moment("first_seen_at", required=True),
        _moment("last_seen_at", required=True),
        _moment("vanished_at"),
    )


def _article_content() -> tuple[Column[Any], ...]:
    return (
        Column("date", Date, nullable=False),
        _number("section"),
        _text("section_name"),
        _text("category"),
        _text("title", required=True),
        _text("link"),
        _text("outlet"),
        _text("posted_by"),
        _moment("posted_at"),
        _text("posted_local"),
        _text("label"),
        _text("text", required=True),
        _text("text_original"),
        _html(),
    )


def _comment_content() -> tuple[Column[Any], ...]:
    return (
        _number("number"),
        _text("author"),
        _moment("posted_at", required=True),
        _text("posted_local", required=True),
        _text("text", required=True),
        _html(),
        _text("parent_external_id"),
        _number("position"),
    )


def _validity() -> tuple[Column[Any], ...]:
    return (_moment("valid_from", required=True), _moment("valid_to", required=True))


runs = Table(
    "runs",
    metadata,
    _identity(),
    _text("command", required=True),
    _text("source"),
    _when("started_at", required=True),
    _when("ended_at"),
    _text("outcome"),
    _text("counts", required=True),
    _text("version", required=True),
    _text("host", required=True),
    _number("pid", required=True),
    _text("error"),
    _text("report"),
    _text("cursor"),
    Index(None, "source", "started_at"),
)

captures = Table(
    "captures",
    metadata,
    _identity(),
    _reference("run_id", "runs", required=False),
    _text("source", required=True),
    _text("url", required=True),
    _text("kind"),
    Column("day", Date),
    _when("captured_at", required=True),
    _number("status", required=True),
    _text("digest", required=True),
    _text("content_type"),
    _text("warc_file", required=True),
    Column("warc_offset", BigId, nullable=False),
    Column("warc_length", BigId, nullable=False),
    Column("framed", Boolean, nullable=False),
    _text("encoding"),
    _text("encoding_from"),
    _number("repaired"),
    _number("replaced"),
    _text("parser"),
    _number("revision"),
    _text("error"),
    _text("payload_sha1"),
    _text("record_id"),
    Column("refers_to", BigId),
    UniqueConstraint("warc_file", "warc_offset"),
    Index(None, "source", "captured_at"),
    Index(None, "source", "url", "payload_sha1"),
    Index("ix_captures_day", "source", "day", "captured_at"),
)

pages = Table(
    "pages",
    metadata,
    _identity(),
    _text("source", required=True),
    Column("day", Date, nullable=False),
    _number("section", required=True),
    _text("state", required=True),
    _number("attempts", required=True),
    _when("not_before"),
    _text("last_error"),
    _number("expected_articles"),
    _number("held_articles"),
    _number("expected_comments"),
    _number("held_comments"),
    _reference("capture_id", "captures", required=False),
    _when("visited_at"),
    _when("changed_at"),
    _when("full_at"),
    _text("lease_owner"),
    _when("lease_until"),
    _text("leased_from"),
    Column("fence", Integer, nullable=False, server_default="0"),
    _when("emptied_at"),
    _when("empty_accepted_at"),
    # Which page the row is of: a section of a day, or a list, whose pages are proved together.
    Column("kind", CleanText, nullable=False, server_default="section"),
    Column("thread", CleanText, nullable=False, server_default=text("''")),
    Column("page", Integer, nullable=False, server_default="1"),
    # What the listing said of the thread when it was visited; what an unfinished visit has shown.
    _text("mark"),
    _text("visit"),
    UniqueConstraint("source", "day", "section", "kind", "thread", "page"),
    CheckConstraint("state IN ('pending', 'leased', 'done', 'failed', 'short', 'unproven')", name="state"),
    Index(None, "source", "state"),
    Index(None, "source", "thread"),
)

articles = Table(
    "articles",
    metadata,
    _identity(),
    _text("source", required=True),
    _text("external_id", required=True),
    *_article_content(),
    _number("views"),
    _number("claimed_comments"),
    _moment("claimed_at"),
    *_sightings(),
    *_origin(),
    _digest(),
    UniqueConstraint("source", "external_id"),
    Index(None, "source", "date", "section"),
    Index(None, "posted_at"),
    Index(None, "posted_by"),
    Index("ix_articles_vanished", "source", sqlite_where=VANISHED),
)

places = Table(
    "places",
    metadata,
    _identity(),
    _text("source", required=True),
    _reference("article_id", "articles"),
    Column("day", Date, nullable=False),
    _number("section", required=True),
    _when("first_seen_at", required=True),
    _when("vanished_at"),
    UniqueConstraint("article_id", "day", "section"),
    Index(None, "source", "day"),
)

comments = Table(
    "comments",
    metadata,
    _identity(),
    _reference("article_id", "articles"),
    _text("external_id"),
    *_comment_content(),
    *_sightings(),
    *_origin(),
    _digest(),
    UniqueConstraint("article_id", "external_id"),
    Index(None, "article_id", "number"),
    # On PostgreSQL it is an SP-GiST: a B-tree refuses a row whose name is longer than 2.7 kB. That of
    # SQLite has two columns more, posted_at and posted_local, so that an author's newest comments and
    # months are read in it alone.
    Index(None, "author"),
    Index(None, "posted_at"),
    Index("ix_comments_vanished", "article_id", sqlite_where=VANISHED),
)

article_versions = Table(
    "article_versions",
    metadata,
    _identity(),
    _reference("article_id", "articles"),
    *_article_content(),
    *_validity(),
    *_origin(),
    Index(None, "article_id", "valid_to"),
)

comment_versions = Table(
    "comment_versions",
    metadata,
    _identity(),
    _reference("comment_id", "comments"),
    *_comment_content(),
    *_validity(),
    *_origin(),
    Index(None, "comment_id", "valid_to"),
)

suppressed = Table(
    "suppressed",
    metadata,
    _identity(),
    _text("source", required=True),
    _text("article_external_id", required=True),
    _text("comment_external_id"),
    _text("reason", required=True),
    _when("suppressed_at", required=True),
    Index(None, "source", "article_external_id"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _identity(),
    _reference("capture_id", "captures"),
    _text("source", required=True),
    _text("url", required=True),
    _text("error_kind", required=True),
    _text("error", required=True),
    _text("field"),
    _number("attempts", required=True),
    _when("first_failed_at", required=True),
    _when("last_failed_at", required=True),
    UniqueConstraint("capture_id"),
    Index(None, "source"),
)

parser_health = Table(
    "parser_health",
    metadata,
    _identity(),
    _reference("run_id", "runs"),
    _text("source", required=True),
    _text("kind", required=True),
    _text("parser", required=True),
    _number("revision", required=True),
    _number("pages", required=True),
    _number("articles", required=True),
    _number("comments", required=True),
    _text("filled", required=True),
    UniqueConstraint("run_id", "source", "kind", "parser", "revision"),
    Index(None, "source", "run_id"),
)

hosts = Table(
    "hosts",
    metadata,
    _identity(),
    _text("host", required=True),
    _when("next_at"),
    _text("turn_owner"),
    _when("turn_until"),
    UniqueConstraint("host"),
)

robots = Table(
    "robots",
    metadata,
    _identity(),
    _text("origin", required=True),
    _number("status", required=True),
    Column("body", LargeBinary, nullable=False),
    _when("asked_at", required=True),
    UniqueConstraint("origin"),
)

spending = Table(
    "spending",
    metadata,
    _identity(),
    _text("source", required=True),
    Column("day", Date, nullable=False),
    _number("pages", required=True),
    Column("bytes", BigId, nullable=False),
    UniqueConstraint("source", "day"),
)

orders = Table(
    "orders",
    metadata,
    _identity(),
    _reference("parent_id", "orders", required=False),
    _text("queue", required=True),
    _text("lock", required=True),
    _text("command", required=True),
    _text("source", required=True),
    _text("options", required=True),
    _text("state", required=True),
    _number("tries", required=True),
    _when("created_at", required=True),
    _when("begun_at"),
    _when("ended_at"),
    _reference("run_id", "runs", required=False),
    _text("counts", required=True),
    _text("cursor"),
    _number("exit_code"),
    _text("error"),
    CheckConstraint("state IN ('open', 'ended')", name="state"),
    Index(None, "state", "lock"),
    Index(None, "parent_id"),
)
schedule_runs = Table(
    "schedule_runs",
    metadata,
    _identity(),
    _text("schedule", required=True),
    _text("source", required=True),
    _when("scheduled_for", required=True),
    _text("owner"),
    _text("state", required=True),
    _when("lease_until"),
    _number("attempts", required=True),
    _when("started_at"),
    _when("ended_at"),
    _reference("run_id", "runs", required=False),
    _text("error"),
    UniqueConstraint("schedule", "scheduled_for"),
    CheckConstraint("state IN ('running', 'done', 'failed', 'missed')", name="state"),
    Index(None, "source", "state"),
)
