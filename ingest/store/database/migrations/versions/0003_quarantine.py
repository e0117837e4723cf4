"""Captures that could not be parsed, and what a re-parse keeps with its run.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    op.add_column("runs", sa.Column("report", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("cursor", sa.Text(), nullable=True))
    op.create_table(
        "quarantine",
        sa.Column("id", BIG, nullable=False),
        sa.Column("capture_id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("error_kind", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", WHEN, nullable=False),
        sa.Column("last_failed_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("capture_id", name="uq_quarantine_capture_id"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_quarantine_capture_id_captures"),
    )
    op.create_index("ix_quarantine_source", "quarantine", ["source"])


def downgrade() -> None:
    op.drop_index("ix_quarantine_source", "quarantine")
    op.drop_table("quarantine")
    op.drop_column("runs", "cursor")
    op.drop_column("runs", "report")
