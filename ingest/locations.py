"""Where the operator's files are: folders of this machine, their default places, an archive in a store."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import platformdirs

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


def archive_named(named: str, spool: str | None) -> ArchiveFolder:
    """The folder or the store that the operator named; ``spool`` is the folder named for files on their way.

    Raises:
        ConfigurationError: it is an address, but not of the form s3://bucket/prefix.
    """
    if not OF_A_STORE.match(named):
        return folder_named(named)
    found = S3_URL.fullmatch(named)
    parts = found["prefix"].strip("/").split("/") if found is not None else ()
    if found is None or not {".", ".."}.isdisjoint(parts):
        shown = "" if "@" in named else f" {named!r}"  # a password may stand before it
        raise ConfigurationError(f"the archive{shown} is neither a folder nor of the form s3://bucket/prefix")
    above = folder_named(spool) if spool else state_place("spool")
    bucket, prefix = found["bucket"], "/".join(parts)
    known_by = sha256(f"{bucket}/{prefix}".encode()).hexdigest()[:12]
    return ObjectFolder(bucket=bucket, prefix=prefix, spool=above / f"{bucket}-{known_by}")


def local(folder: ArchiveFolder, command: str, instead: str) -> Path:
    """The folder for a command that needs one; ``instead`` says what to do with a store."""
    if isinstance(folder, ObjectFolder):
        raise ConfigurationError(
            f"{command} needs an archive in a folder, and this one is {folder}: {instead}"
        )
    return folder


def folder_named(named: str) -> Path:
    """A folder as the operator wrote it; raises ConfigurationError if ``~`` stands for none."""
    try:
        return Path(named).expanduser()
    except RuntimeError as exc:
        raise ConfigurationError(f"{named!r}: there is no home folder") from exc


def data_place(name: str) -> Path:
    """The default place of what is kept; raises ConfigurationError if there is no home folder for it."""
    try:
        return Path(platformdirs.user_data_dir("thresher")) / name
    except RuntimeError as exc:
        raise ConfigurationError("there is no home folder: name --database and --archive") from exc


def state_place(name: str) -> Path:
    """The default place of what is on its way; raises ConfigurationError without a home folder."""
    try:
        return Path(platformdirs.user_state_dir("thresher")) / name
    except RuntimeError as exc:
        raise ConfigurationError("there is no home folder: name a spool in the settings") from exc


def config_place(name: str) -> Path:
    """The default place of the settings file; without a home folder one that is not there."""
    try:
        return Path(platformdirs.user_config_dir("thresher")) / name
    except RuntimeError:
        return Path("/nonexistent") / name  # as the passwd file has it of accounts without a home
