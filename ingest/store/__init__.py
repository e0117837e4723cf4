"""The database: schema, migrations, loading and questions. The only door of sqlalchemy and alembic.

with store.lock(source), store.transaction() as tx:
    held = tx.held(...) -> decide -> tx.load(changes, tx.captures.add(row)); tx.ledger.put(state)
"""

from ingest.store.articles.history import ArticleHistory, CommentHistory
from ingest.store.coordination.day_leases import Lease
from ingest.store.coordination.schedule_claims import Claim, ScheduleRun
from ingest.store.store import Store
from ingest.store.transaction import Transaction

__all__ = [
    "ArticleHistory",
    "Claim",
    "CommentHistory",
    "Lease",
    "ScheduleRun",
    "Store",
    "Transaction",
]
