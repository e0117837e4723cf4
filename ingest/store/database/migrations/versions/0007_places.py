"""The places that list an article besides its home.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    op.create_table(
        "places",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", WHEN, nullable=False),
        sa.Column("vanished_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_places_article_id_articles"),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
        sa.UniqueConstraint("article_id", "day", "section", name="uq_places_article_id_day_section"),
    )
    op.create_index("ix_places_source_day", "places", ["source", "day"])


def downgrade() -> None:
    op.drop_table("places")
