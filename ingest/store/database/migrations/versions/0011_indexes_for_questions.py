"""Indexes for what people ask: who wrote a comment, and what was written when.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of any length: a B-tree of PostgreSQL refuses a row whose name is longer than 2.7 kB.
    op.create_index("ix_comments_author", "comments", ["author"], postgresql_using="spgist")
    op.create_index("ix_comments_posted_at", "comments", ["posted_at"])
    op.create_index("ix_articles_posted_at", "articles", ["posted_at"])


def downgrade() -> None:
    op.drop_index("ix_articles_posted_at", "articles")
    op.drop_index("ix_comments_posted_at", "comments")
    op.drop_index("ix_comments_author", "comments")
