"""What several processes on one database agree by: leases, turns at a host, runs of a schedule.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    op.add_column("pages", sa.Column("lease_owner", sa.Text(), nullable=True))
    op.add_column("pages", sa.Column("lease_until", WHEN, nullable=True))
    op.add_column("pages", sa.Column("leased_from", sa.Text(), nullable=True))
    op.add_column("pages", sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    _hosts()
    _schedule_runs()


def downgrade() -> None:
    op.drop_table("schedule_runs")
    op.drop_table("hosts")
    # The older program knows no lease: what was leased is to be visited.
    op.execute("UPDATE pages SET state = coalesce(leased_from, 'pending') WHERE state = 'leased'")
    for column in ("fence", "leased_from", "lease_until", "lease_owner"):
        op.drop_column("pages", column)


def _hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("next_at", WHEN, nullable=True),
        sa.Column("turn_owner", sa.Text(), nullable=True),
        sa.Column("turn_until", WHEN, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hosts"),
        sa.UniqueConstraint("host", name="uq_hosts_host"),
    )


def _schedule_runs() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scheduled_for", WHEN, nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", WHEN, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", WHEN, nullable=True),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_schedule_runs_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_runs"),
        sa.UniqueConstraint("schedule", "scheduled_for", name="uq_schedule_runs_schedule_scheduled_for"),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'missed')", name="ck_schedule_runs_state"),
    )
    op.create_index("ix_schedule_runs_source_state", "schedule_runs", ["source", "state"])
