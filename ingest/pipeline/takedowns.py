"""The database and the file beside the archive agree on what was taken down, before anything else is done.

only the database has it (it is older than the file)      -> a line is added
only the file has it (a kill, or a database put back)     -> it is taken down again
"""

import logging
from collections.abc import Mapping

from ingest.archive.suppressed import append_suppressed, read_suppressed
from ingest.errors import StoreUnusable
from ingest.pipeline.workspace import Workspace
from ingest.records.takedown import TakedownTarget, TakenDown
from ingest.store import Store, Transaction

log = logging.getLogger(__name__)

Takedowns = Mapping[TakedownTarget, TakenDown]


def agree_on_takedowns(source: str, workspace: Workspace) -> None:
    """Bring what was taken down of a source to both sides.

    An archive that cannot be written is no reason to stop, and is named.

    Raises:
        StoreUnusable: the file cannot be read: what it forbids could come back.
    """
    store, folder = workspace.store, workspace.settings.archive
    held = {one.what: one for one in store.takedown.remembered(source)}
    kept = {one.what: one for one in read_suppressed(folder) or () if one.what.source == source}
    try:
        # The archive first: it is what a database that is put back later is compared with.
        append_suppressed(folder, _missing(held, kept))
    except StoreUnusable as error:
        log.warning("what was taken down could not be remembered in the archive: %s", error)
    if lost := _missing(kept, held):
        log.warning("%s: %d takedowns that the database did not have are done again", source, len(lost))
        _take_down_again(store, lost)


def _missing(here: Takedowns, there: Takedowns) -> list[TakenDown]:
    """What there is here and not there."""
    return [one for what, one in here.items() if what not in there]


def _take_down_again(store: Store, takedowns: list[TakenDown]) -> None:
    store.transact(lambda transaction: _suppress(transaction, takedowns))
    # Deleted words stay in a database's free pages until these are overwritten.
    unscrubbed = store.scrub()
    if unscrubbed is not None:
        log.warning("the database's files may still hold words that were taken down: %s", unscrubbed)


def _suppress(transaction: Transaction, takedowns: list[TakenDown]) -> None:
    for one in takedowns:
        transaction.suppress(
            one.what.source,
            one.what.article,
            one.what.comment,
            reason=one.reason,
            suppressed_at=one.suppressed_at,
        )
