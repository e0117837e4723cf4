"""One WARC file while it is written to: its name, its lock, whole members only, its end."""

import errno
import fcntl
import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ingest.archive.archive_file import OPEN
from ingest.archive.warc.records import Member, warcinfo_member
from ingest.records.file_rights import OWNERS_FILE, OWNERS_FOLDER

GROUPS_SHARE = 0o060


class OpenFile:
    """A new file with its warcinfo record. The lock on it dies with its process. Raises OSError."""

    def __init__(self, folder: Path, name: str, *, about: Mapping[str, str], at: datetime) -> None:
        self.name = name
        self.end = 0
        self.captures = 0
        self._folder = folder
        make_folder(folder)
        if (folder / name).exists():
            # Checked again: a clock set back and a process id used twice must not overwrite a file.
            raise FileExistsError(errno.EEXIST, "a file of this name is there already")
        self._descriptor = _begun(self.path)
        try:
            sync_folder(folder)
            info = warcinfo_member(about, file=name, at=at)
            self.warcinfo_id = info.record_id
            self.write(info)
        except OSError:
            self.leave()
            raise

    @property
    def path(self) -> Path:
        """Where it is while it is written to."""
        return self._folder / (self.name + OPEN)

    def write(self, *members: Member) -> tuple[int, ...]:
        """The offsets of the members, which are on disk when it returns."""
        offsets = []
        for member in members:
            offsets.append(self.end)
            # One write() each: a kill leaves whole members, or one that recovery cuts off.
            written = os.write(self._descriptor, member.data)
            if written != len(member.data):
                # A full disk takes a part: cut it off, so that the file ends with a whole member.
                os.ftruncate(self._descriptor, self.end)
                raise OSError(errno.ENOSPC, f"only {written} of {len(member.data)} bytes could be written")
            self.end += written
        os.fsync(self._descriptor)
        self._require_name()
        return tuple(offsets)

    def seal(self) -> None:
        """Give the file its final name. It stays locked until then, so that no recovery takes it."""
        try:
            os.fsync(self._descriptor)
            self._require_name()
            self.path.rename(self._folder / self.name)
            sync_folder(self._folder)
        finally:
            os.close(self._descriptor)

    def leave(self) -> None:
        """Close the file as it is, for the next run's recovery. An empty file is removed."""
        try:
            if not self.end and is_at(self.path, self._descriptor):
                self.path.unlink()
        finally:
            os.close(self._descriptor)

    def _require_name(self) -> None:
        # A file without a name is lost when it is closed.
        if not is_at(self.path, self._descriptor):
            raise FileNotFoundError(errno.ENOENT, "the file was removed or replaced while it was written to")


def is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one at that path, and no link stands there."""
    try:
        there = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def make_folder(folder: Path) -> None:
    """The folder and those above it, for their owner alone; those that are there keep their rights."""
    for missing in reversed([parent for parent in (folder, *folder.parents) if not parent.exists()]):
        missing.mkdir(mode=OWNERS_FOLDER, exist_ok=True)
    folder.mkdir(exist_ok=True)  # FileExistsError: it is no folder


def share(descriptor: int, folder: Path) -> None:
    """Let the group of a new file's folder have the file as it has the folder, if the folder is a group's.

    It is one where its group may write to it, or where what is made in it gets its group (setgid).
    """
    there = folder.stat()
    is_groups = bool(there.st_mode & (stat.S_IWGRP | stat.S_ISGID))
    if is_groups and os.fstat(descriptor).st_gid == there.st_gid:
        os.fchmod(descriptor, OWNERS_FILE | there.st_mode & GROUPS_SHARE)


def _begun(path: Path) -> int:
    """The descriptor of a new file, locked. One that recovery removed before it was locked is begun again."""
    # O_EXCL: never a file that is there, nor a link that somebody put in its place.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        descriptor = os.open(path, flags, OWNERS_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if is_at(path, descriptor):
                share(descriptor, path.parent)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a new or changed name stay."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
