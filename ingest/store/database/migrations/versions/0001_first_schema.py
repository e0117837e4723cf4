"""The first schema.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    _runs()
    _captures()
    _pages()
    _articles()
    _comments()
    _article_versions()
    _comment_versions()
    _suppressed()


def downgrade() -> None:
    for table in ("suppressed", "comment_versions", "article_versions", "comments"):
        op.drop_table(table)
    for table in ("articles", "pages", "captures", "runs"):
        op.drop_table(table)


def _text(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not required)


def _when(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, WHEN, nullable=not required)


def _number(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=not required)


def _big(name: str, *, required: bool = True) -> sa.Column[Any]:
    return sa.Column(name, BIG, nullable=not required)


def _parent(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _table(name: str, *parts: Any, unique: tuple[str, ...] = (), index: tuple[str, ...]) -> None:
    keys: list[Any] = [sa.PrimaryKeyConstraint("id", name=f"pk_{name}")]
    if unique:
        keys.append(sa.UniqueConstraint(*unique, name="_".join(("uq", name, *unique))))
    op.create_table(name, _big("id"), *parts, *keys)
    op.create_index("_".join(("ix", name, *index)), name, list(index))


def _origin(table: str) -> tuple[Any, ...]:
    return (
        _big("capture_id"),
        _text("parser", required=True),
        _number("revision", required=True),
        _parent(table, "capture_id", "captures"),
    )


def _sightings() -> tuple[Any, ...]:
    return (_when("first_seen_at", required=True), _when("last_seen_at", required=True), _when("vanished_at"))


def _validity() -> tuple[Any, ...]:
    return (_when("valid_from", required=True), _when("valid_to", required=True))


def _article_content() -> tuple[Any, ...]:
    return (
        sa.Column("date", sa.Date(), nullable=False),
        _number("section"),
        _text("section_name"),
        _text("category"),
        _text("title", required=True),
        _text("link"),
        _text("outlet"),
        _text("posted_by"),
        _when("posted_at"),
        _text("posted_local"),
        _text("label"),
        _text("text", required=True),
        _text("text_original"),
        _text("html"),
    )


def _comment_content() -> tuple[Any, ...]:
    return (
        _number("number", required=True),
        _text("author"),
        _when("posted_at", required=True),
        _text("posted_local", required=True),
        _text("text", required=True),
        _text("html"),
    )


def _runs() -> None:
    _table(
        "runs",
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
        index=("source", "started_at"),
    )


def _captures() -> None:
    _table(
        "captures",
        _big("run_id", required=False),
        _text("source", required=True),
        _text("url", required=True),
        _text("kind"),
        _when("captured_at", required=True),
        _number("status", required=True),
        _text("digest", required=True),
        _text("content_type"),
        _text("warc_file", required=True),
        _big("warc_offset"),
        _big("warc_length"),
        sa.Column("framed", sa.Boolean(), nullable=False),
        _text("encoding"),
        _text("encoding_from"),
        _number("repaired"),
        _number("replaced"),
        _text("parser"),
        _number("revision"),
        _text("error"),
        _parent("captures", "run_id", "runs"),
        unique=("warc_file", "warc_offset"),
        index=("source", "captured_at"),
    )


def _pages() -> None:
    _table(
        "pages",
        _text("source", required=True),
        sa.Column("day", sa.Date(), nullable=False),
        _number("section", required=True),
        _text("state", required=True),
        _number("attempts", required=True),
        _when("not_before"),
        _text("last_error"),
        _number("expected_articles"),
        _number("held_articles"),
        _number("expected_comments"),
        _number("held_comments"),
        _big("capture_id", required=False),
        _when("visited_at"),
        _when("changed_at"),
        _when("full_at"),
        _parent("pages", "capture_id", "captures"),
        sa.CheckConstraint(
            "state IN ('pending', 'leased', 'done', 'failed', 'short')", name="ck_pages_state"
        ),
        unique=("source", "day", "section"),
        index=("source", "state"),
    )


def _articles() -> None:
    _table(
        "articles",
        _text("source", required=True),
        _text("external_id", required=True),
        *_article_content(),
        _number("views"),
        _number("claimed_comments"),
        _when("claimed_at"),
        *_sightings(),
        *_origin("articles"),
        _text("content_digest", required=True),
        unique=("source", "external_id"),
        index=("source", "date", "section"),
    )


def _comments() -> None:
    _table(
        "comments",
        _big("article_id"),
        _text("external_id"),
        *_comment_content(),
        *_sightings(),
        *_origin("comments"),
        _text("content_digest", required=True),
        _parent("comments", "article_id", "articles"),
        unique=("article_id", "external_id"),
        index=("article_id", "number"),
    )


def _article_versions() -> None:
    _table(
        "article_versions",
        _big("article_id"),
        *_article_content(),
        *_validity(),
        *_origin("article_versions"),
        _parent("article_versions", "article_id", "articles"),
        index=("article_id", "valid_to"),
    )


def _comment_versions() -> None:
    _table(
        "comment_versions",
        _big("comment_id"),
        *_comment_content(),
        *_validity(),
        *_origin("comment_versions"),
        _parent("comment_versions", "comment_id", "comments"),
        index=("comment_id", "valid_to"),
    )


def _suppressed() -> None:
    _table(
        "suppressed",
        _text("source", required=True),
        _text("article_external_id", required=True),
        _text("comment_external_id"),
        _text("reason", required=True),
        _when("suppressed_at", required=True),
        index=("source", "article_external_id"),
    )
