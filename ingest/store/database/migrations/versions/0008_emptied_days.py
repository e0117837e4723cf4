"""Days that show no articles any more, and comments that vanish with their article.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")

TAKEN_ALONG = """
UPDATE comments
SET vanished_at = (SELECT articles.vanished_at FROM articles WHERE articles.id = comments.article_id)
WHERE vanished_at IS NULL
AND article_id IN (SELECT id FROM articles WHERE vanished_at IS NOT NULL)
"""


def upgrade() -> None:
    op.add_column("pages", sa.Column("emptied_at", WHEN, nullable=True))
    op.add_column("pages", sa.Column("empty_accepted_at", WHEN, nullable=True))
    op.execute(sa.text(TAKEN_ALONG))


def downgrade() -> None:
    op.drop_column("pages", "empty_accepted_at")
    op.drop_column("pages", "emptied_at")
