"""Threads over several pages: their rows in the ledger, and comments without numbers.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = "state IN ('pending', 'leased', 'done', 'failed', 'short')"
NOW = "state IN ('pending', 'leased', 'done', 'failed', 'short', 'unproven')"
OLD_KEY = ["source", "day", "section"]
KEY = [*OLD_KEY, "kind", "thread", "page"]
UNIQUE = "uq_pages_source_day_section"
THREAD_COMMENTS = ("comments", "comment_versions")


def upgrade() -> None:
    for table in THREAD_COMMENTS:
        with op.batch_alter_table(table) as comments:
            comments.alter_column("number", existing_type=sa.Integer(), nullable=True)
            comments.add_column(sa.Column("parent_external_id", sa.Text(), nullable=True))
            comments.add_column(sa.Column("position", sa.Integer(), nullable=True))
    with op.batch_alter_table("pages") as pages:
        pages.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="section"))
        pages.add_column(sa.Column("thread", sa.Text(), nullable=False, server_default=sa.text("''")))
        pages.add_column(sa.Column("page", sa.Integer(), nullable=False, server_default="1"))
        pages.add_column(sa.Column("mark", sa.Text(), nullable=True))
        pages.add_column(sa.Column("visit", sa.Text(), nullable=True))
        pages.drop_constraint(UNIQUE, type_="unique")
        pages.create_unique_constraint(f"{UNIQUE}_kind_thread_page", KEY)
        _restate(pages, NOW)
    op.create_index("ix_pages_source_thread", "pages", ["source", "thread"])


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM pages WHERE kind <> 'section'"))
    op.execute(sa.text("UPDATE pages SET state = 'short' WHERE state = 'unproven'"))
    op.execute(sa.text("UPDATE comments SET number = 0 WHERE number IS NULL"))
    op.execute(sa.text("UPDATE comment_versions SET number = 0 WHERE number IS NULL"))
    op.drop_index("ix_pages_source_thread", "pages")
    with op.batch_alter_table("pages") as pages:
        pages.drop_constraint(f"{UNIQUE}_kind_thread_page", type_="unique")
        pages.create_unique_constraint(UNIQUE, OLD_KEY)
        for name in ("kind", "thread", "page", "mark", "visit"):
            pages.drop_column(name)
        _restate(pages, BEFORE)
    for table in THREAD_COMMENTS:
        with op.batch_alter_table(table) as comments:
            comments.drop_column("position")
            comments.drop_column("parent_external_id")
            comments.alter_column("number", existing_type=sa.Integer(), nullable=False)


def _restate(pages: "op.BatchOperations", states: str) -> None:  # type: ignore[name-defined]
    # SQLite's tables are made anew, and a CHECK is not taken over: there, there is none to drop.
    if op.get_bind().dialect.name == "postgresql":
        pages.drop_constraint("ck_pages_state", type_="check")
    pages.create_check_constraint("ck_pages_state", sa.text(states))
