"""The room that does it: network, disk, database, clock, processes and logs are only here.

For programs of others: ``from ingest import open_store``. These names stay; where they stand may change.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.jobs.export.python_api import OpenStore, open_store
    from ingest.records.thread import ThreadArticle, ThreadComment

NAMES = {
    "OpenStore": "ingest.jobs.export.python_api",
    "ThreadArticle": "ingest.records.thread",
    "ThreadComment": "ingest.records.thread",
    "open_store": "ingest.jobs.export.python_api",
}

__all__ = ["OpenStore", "ThreadArticle", "ThreadComment", "open_store"]


def __getattr__(name: str) -> object:
    # Imported when they are used: every process of ours imports this package, and few of them a database.
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(NAMES[name]), name)
