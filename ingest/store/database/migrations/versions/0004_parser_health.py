"""How well each parser filled its fields in each run.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = ("run_id", "source", "kind", "parser", "revision")


def upgrade() -> None:
    op.create_table(
        "parser_health",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parser", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_parser_health_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_parser_health"),
        sa.UniqueConstraint(*KEY, name="_".join(("uq_parser_health", *KEY))),
    )
    op.create_index("ix_parser_health_source_run_id", "parser_health", ["source", "run_id"])


def downgrade() -> None:
    op.drop_table("parser_health")
