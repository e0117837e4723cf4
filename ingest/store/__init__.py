"""The database: schema, migrations, loading and questions. The only door of sqlalchemy and alembic.

with store.lock(source), store.transaction() as tx:
    held = tx.held(...) -> decide -> tx.load(changes, tx.add_capture(row)); tx.put_page(state)
"""

from ingest.store.claims import Claim, ScheduleRun
from ingest.store.leases import Holder, Lease
from ingest.store.showing import StoredArticle, StoredComment
from ingest.store.store import Store
from ingest.store.transaction import Transaction

__all__ = [
    "Claim",
    "Holder",
    "Lease",
    "ScheduleRun",
    "Store",
    "StoredArticle",
    "StoredComment",
    "Transaction",
]
