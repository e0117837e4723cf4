"""A file of an archive, wherever it is: a path of this machine, or an object of a store.

    folder --file_in(folder, name)--> Path | ObjectFile --open("rb")--> bytes from any offset

An ObjectFile is used as a Path is. Until the store has a file, its bytes are those in the spool of the
machine that wrote it: there it is looked for first.
"""

import io
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias, overload

from ingest.archive import object_store
from ingest.archive.object_store import BLOCK
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder, ObjectFolder

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OPEN = ".open"
"""A file that is still written to has this behind its name; indexers pass it over."""
SUFFIXES = (".warc.gz", ".warc")


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """A file of an archive in a store, in the spool or already an object. ``name`` may end with OPEN."""

    folder: ObjectFolder
    name: str

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"

    @property
    def _final(self) -> str:
        return self.name.removesuffix(OPEN)

    def with_name(self, name: str) -> "ObjectFile":
        """Another file of the same archive."""
        return ObjectFile(self.folder, name)

    def open(self, _mode: Literal["rb"]) -> BinaryIO:
        """Its bytes, read as they are asked for. FileNotFoundError if neither spool nor store has it."""
        for path in self._spooled():
            with suppress(FileNotFoundError):
                return path.open("rb")
        self.stat()
        return io.BufferedReader(_ObjectReader(self.folder, self._final))

    def stat(self) -> os.stat_result:
        """Its size, and that it is a regular file. FileNotFoundError if neither spool nor store has it."""
        for path in self._spooled():
            with suppress(FileNotFoundError):
                return path.stat()
        size = object_store.size_of(self.folder, self._final)
        return os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, size, 0, 0, 0))

    def exists(self) -> bool:
        """Whether the spool or the store has it."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def is_file(self) -> bool:
        """The same: there are no folders in a store."""
        return self.exists()

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes at a place, fewer at the end; one request where the store has them."""
        for path in self._spooled():
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(offset)
                return file.read(length)
        return _between(self.folder, self._final, offset, offset + length)

    def _spooled(self) -> tuple[Path, Path]:
        return self.folder.spool / self._final, self.folder.spool / (self._final + OPEN)


ArchiveFile: TypeAlias = Path | ObjectFile


def file_in(folder: ArchiveFolder, name: str) -> ArchiveFile:
    """The file of this name, whether it is there or not."""
    return ObjectFile(folder, name) if isinstance(folder, ObjectFolder) else folder / name


def find_file(folder: ArchiveFolder, name: str) -> ArchiveFile:
    """An archive file by its final name, under which it may not be yet. Raises StoreUnusable."""
    # "../other/file.warc.gz" would leave the archive.
    if Path(name).name != name:
        raise StoreUnusable(f"{name!r} is no archive file's name")
    if isinstance(folder, ObjectFolder):
        return ObjectFile(folder, name)
    path, still_open = folder / name, folder / (name + OPEN)
    return still_open if not path.exists() and still_open.exists() else path


def local_folder(folder: ArchiveFolder) -> Path:
    """The folder of this machine in which the archive's files are begun."""
    return folder.spool if isinstance(folder, ObjectFolder) else folder


def require_archive(folder: ArchiveFolder) -> None:
    """Raises StoreUnusable if there is no such folder, ArchiveUnreachable if the store cannot be asked."""
    if isinstance(folder, ObjectFolder):
        next(object_store.listed(folder), None)
    elif not folder.is_dir():
        raise StoreUnusable(f"the archive cannot be read: there is no folder {folder}")


@overload
def files(folder: Path) -> tuple[Path, ...]: ...
@overload
def files(folder: ArchiveFolder) -> tuple[ArchiveFile, ...]: ...
def files(folder: ArchiveFolder) -> tuple[ArchiveFile, ...]:
    """The archive's files, those still open included, by name.

    A pipe, a socket, a device, a folder or a broken link is not one of them, whatever its name.
    """
    local = _on_this_machine(local_folder(folder))
    if not isinstance(folder, ObjectFolder):
        return tuple(sorted(local))
    # The spool first: what leaves it meanwhile is in the store by then.
    names = {path.name.removesuffix(OPEN): path.name for path in local}
    names |= {name: name for name, _ in object_store.listed(folder) if name.endswith(SUFFIXES)}
    return tuple(ObjectFile(folder, name) for name in sorted(names.values()))


def _on_this_machine(folder: Path) -> tuple[Path, ...]:
    paths = folder.iterdir() if folder.is_dir() else ()
    return tuple(path for path in paths if path.name.removesuffix(OPEN).endswith(SUFFIXES) and path.is_file())


def _between(folder: ObjectFolder, name: str, start: int, end: int) -> bytes:
    data = bytearray()
    # -(-a // b) rounds up: the last block counts as well.
    for index in range(start // BLOCK, -(-end // BLOCK)):
        piece = object_store.block(folder, name, index)
        data += piece[max(0, start - index * BLOCK) : end - index * BLOCK]
        if len(piece) < BLOCK:
            break
    return bytes(data)


class _ObjectReader(io.RawIOBase):
    """An object as a file that is read from any offset, a block at a time."""

    def __init__(self, folder: ObjectFolder, name: str) -> None:
        self._folder = folder
        self._name = name
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            offset += object_store.size_of(self._folder, self._name)
        elif whence == io.SEEK_CUR:
            offset += self._at
        self._at = offset
        return offset

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        index, begins = divmod(self._at, BLOCK)
        piece = object_store.block(self._folder, self._name, index)[begins : begins + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
