"""The operator confirms that a day which shows none of its articles has none any more."""

from dataclasses import replace
from datetime import date

from ingest.decide.completeness.emptied import empty_since
from ingest.errors import ConfigurationError
from ingest.pipeline.parse.limited_process import WorkerLimits
from ingest.pipeline.parse.worker import Worker
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.archive_folder import ArchiveFolder
from ingest.store import Store, Transaction


def accept_empty(
    source: str, day: date, *, folder: ArchiveFolder, store: Store, limits: WorkerLimits | None = None
) -> bool:
    """Make the articles of an emptied day vanish, with their comments, by the page that first showed none.

    False if captures of the day cannot be read any more: then they vanish by the next empty page.

    Raises:
        ConfigurationError: the day is not emptied.
        Busy: another run holds the source.
        StoreUnusable: the database failed.
    """

    def accept(transaction: Transaction) -> bool:
        held = transaction.held(source, (), day)
        known = transaction.ledger.emptying(source, day)
        since = empty_since(held, day, known)
        if since is None:
            raise ConfigurationError(f"{source} {day}: no page shows that its articles are gone")
        # The moment of the page, and not of the command: a later emptiness is not accepted by it.
        transaction.ledger.put_emptying(source, day, replace(known, accepted_at=since))
        return Rebuilder(source, folder, worker.parse).rebuild(transaction, day)

    with store.lock(source), Worker(limits) as worker:
        return store.transact(accept)
