"""Where an archive's files are: a folder of this machine, or one in an S3-compatible store. Pure."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from ingest.errors import ConfigurationError

OF_A_STORE = re.compile(r"s3:|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
S3_URL = re.compile(r"s3://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{2,254})(?P<prefix>(?:/[\w!*'()=+@,. -]+)*)/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFolder:
    """An archive in an S3-compatible store: each sealed file is an object of ``bucket``, behind ``prefix``.

    ``spool`` is a folder of this machine: files are written there, and stay until the store has them.
    """

    bucket: str
    prefix: str
    spool: Path

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def key(self, name: str) -> str:
        """The key of the object of this name."""
        return f"{self.prefix}/{name}" if self.prefix else name


ArchiveFolder: TypeAlias = Path | ObjectFolder
"""Where an archive's files are."""


def address_in_store(named: str) -> tuple[str, str] | None:
    """The bucket and the prefix of an address; None for what names a folder.

    Raises:
        ConfigurationError: it is an address, but not of the form s3://bucket/prefix.
    """
    if not OF_A_STORE.match(named):
        return None
    found = S3_URL.fullmatch(named)
    parts = found["prefix"].strip("/").split("/") if found is not None else ()
    if found is None or not {".", ".."}.isdisjoint(parts):
        shown = "" if "@" in named else f" {named!r}"  # a password may stand before it
        raise ConfigurationError(f"the archive{shown} is neither a folder nor of the form s3://bucket/prefix")
    return found["bucket"], "/".join(parts)


def object_folder(bucket: str, prefix: str, spools: Path) -> ObjectFolder:
    """The archive at this address; ``spools`` is the folder that has a spool for each archive."""
    known_by = sha256(f"{bucket}/{prefix}".encode()).hexdigest()[:12]
    return ObjectFolder(bucket=bucket, prefix=prefix, spool=spools / f"{bucket}-{known_by}")


def local(folder: ArchiveFolder, command: str, instead: str) -> Path:
    """The folder for a command that needs one; ``instead`` says what to do with a store."""
    if isinstance(folder, ObjectFolder):
        raise ConfigurationError(
            f"{command} needs an archive in a folder, and this one is {folder}: {instead}"
        )
    return folder
