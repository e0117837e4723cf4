"""Which day a capture is of: a capture that comes in late makes its day be rebuilt from all of them.

A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The addresses of the one source there was: /?D=03/23/2018&HC=1 and comments.php?D=2018-03-23&ID=1.
DAY = re.compile(
    r"[?&]D=(?:([0-9]{1,2})(?:/|%2F)([0-9]{1,2})(?:/|%2F)([0-9]{4})|([0-9]{4})-([0-9]{1,2})-([0-9]{1,2}))"
)
AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("captures", sa.Column("day", sa.Date(), nullable=True))
    op.create_index("ix_captures_day", "captures", ["source", "day", "captured_at"])
    captures = sa.table("captures", sa.column("id"), sa.column("url"), sa.column("day", sa.Date()))
    named = sa.update(captures).where(captures.c.id == sa.bindparam("row")).values(day=sa.bindparam("named"))
    connection, last = op.get_bind(), 0
    while rows := _after(connection, captures, last):
        days = [{"row": row.id, "named": day} for row in rows if (day := _day(row.url)) is not None]
        if days:
            connection.execute(named, days)
        last = rows[-1].id


def downgrade() -> None:
    op.drop_index("ix_captures_day", "captures")
    op.drop_column("captures", "day")


def _after(connection: sa.Connection, captures: sa.TableClause, last: int) -> list[sa.Row[Any]]:
    wanted = sa.select(captures.c.id, captures.c.url).where(captures.c.id > last)
    return list(connection.execute(wanted.order_by(captures.c.id).limit(AT_ONCE)))


def _day(url: str) -> date | None:
    found = DAY.search(url)
    if found is None:
        return None
    month, day, year = found.group(1, 2, 3) if found[1] else found.group(5, 6, 4)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
