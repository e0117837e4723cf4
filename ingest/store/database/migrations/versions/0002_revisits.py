"""Captures that repeat an earlier one: the payload's digest, the record's id, the original.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEX = "ix_captures_source_url_payload_sha1"


def upgrade() -> None:
    op.add_column("captures", sa.Column("payload_sha1", sa.Text(), nullable=True))
    op.add_column("captures", sa.Column("record_id", sa.Text(), nullable=True))
    # A reference without a foreign key: SQLite would have to rebuild the table, and its children hang on it.
    op.add_column("captures", sa.Column("refers_to", BIG, nullable=True))
    op.create_index(INDEX, "captures", ["source", "url", "payload_sha1"])


def downgrade() -> None:
    op.drop_index(INDEX, "captures")
    for column in ("refers_to", "record_id", "payload_sha1"):
        op.drop_column("captures", column)
