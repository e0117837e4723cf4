"""Sealed files on their way from the spool of this machine into the store.

    spool/NAME --lock--> object NAME, if there is none --the store has it whole?--> the spool's is removed

Killed anywhere, the file is in the spool or in the store, or in both and the same: the next call, by
whatever run on this machine, does what is left.
"""

import fcntl
import logging
import os
from pathlib import Path

from ingest.archive import object_store
from ingest.archive.archive_file import SUFFIXES
from ingest.archive.warc.file import is_at, sync_folder
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder, ObjectFolder

log = logging.getLogger(__name__)


def upload_sealed(folder: ArchiveFolder) -> int:
    """Bring every sealed file of the spool into the store; return how many. In a folder they are in place.

    Raises:
        ArchiveUnreachable: the store did not take one, which stays in the spool.
        StoreUnusable: the spool cannot be read, or the store has another file of this name.
    """
    if not isinstance(folder, ObjectFolder) or not folder.spool.is_dir():
        return 0
    sealed = (path for path in folder.spool.iterdir() if path.name.endswith(SUFFIXES))
    return sum(_upload(folder, path) for path in sorted(sealed))


def _upload(folder: ObjectFolder, path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:  # another process uploaded it meanwhile
        return False
    except OSError as exc:
        raise _failed(path, exc) from exc
    with os.fdopen(descriptor, "rb") as file:
        try:
            # Two runs of one machine may upload at once: the second finds that the name is gone.
            fcntl.flock(file, fcntl.LOCK_EX)
            if not is_at(path, file.fileno()):
                return False
            data = file.read()
        except OSError as exc:
            raise _failed(path, exc) from exc
        _put(folder, path.name, data)
        path.unlink()
        sync_folder(path.parent)
    log.info("%s/%s: %d bytes uploaded", folder, path.name, len(data))
    return True


def _put(folder: ObjectFolder, name: str, data: bytes) -> None:
    object_store.put_new(folder, name, data)
    if not object_store.has(folder, name, data):
        raise StoreUnusable(
            f"{folder}/{name} is there with other content than the file in {folder.spool}, which stays there"
        )


def _failed(path: Path, exc: OSError) -> StoreUnusable:
    return StoreUnusable(f"the spool cannot be read: {path}: {exc.strerror}")
