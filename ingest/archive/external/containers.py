"""What kind of file it is that others made, by its first bytes: gzip, plain, zstd, LZ4, or a WACZ package.

path --first bytes--> Part (a name and a Source), one a file, or one for each WARC file of a package
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from fastwarc.stream_io import Lz4Reader, ZstdReader

from ingest.archive.archive_file import ArchiveFile
from ingest.archive.external.content import Decoded, Gzip, Plain, Source, Torn
from ingest.errors import ArchiveDamaged, ConfigurationError

# By content, and not by name: ".warc" and ".gz" are mixed up in many collections.
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
ZSTD = b"\x28\xb5\x2f\xfd"
SKIPPABLE = b"\x2a\x4d\x18"
"""Behind a byte of 50 to 5f: a frame of zstd or LZ4 that holds something else, such as a dictionary."""
DICTIONARY = b"\x5d" + SKIPPABLE
LZ4 = b"\x04\x22\x4d\x18"
SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".warc.lz4", ".arc", ".arc.gz")
NO_WARC_IN_IT = "a zip file without a WARC file in it"
MOST_EXPANDED = 100
ALWAYS_EXPANDED = 64 * 1024 * 1024
"""A packed file may be a hundred times what it is in the package, or this large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A WARC file: itself, or in a package. ``packed``: records can't be read again by their offset alone."""

    name: str
    source: Source
    packed: bool


def shown(path: ArchiveFile) -> str:
    """The file's name as it can be printed and stored; bytes that are no UTF-8 are written out."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def require_readable(path: Path) -> None:
    """Raises ConfigurationError for what no record can be in: a pipe, an empty file, a broken package."""
    name = shown(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigurationError(f"{name} is no WARC file: it is no regular file")
        with path.open("rb") as file:
            _require_content(file, name)
    except OSError as exc:
        raise ConfigurationError(f"{name} cannot be read: {exc.strerror}") from exc


def _require_content(file: IO[bytes], name: str) -> None:
    first = file.read(4)
    if not first:
        raise ConfigurationError(f"{name} is no WARC file: it is empty")
    if first.startswith(GZIP):
        inflate = zlib.decompressobj(31)
        try:
            empty = not inflate.decompress(first + file.read(64 * 1024), 1) and inflate.eof
        except zlib.error:
            empty = False
        if empty and not inflate.unused_data.strip(b"\0"):
            raise ConfigurationError(f"{name} is no WARC file: it is empty")
    if first in ZIP:
        with _package(file, name) as package:
            if not any(_is_warc(info) for info in package.infolist()):
                raise ConfigurationError(f"{name} is {NO_WARC_IN_IT}")


@contextmanager
def _package(file: IO[bytes], name: str) -> Iterator[zipfile.ZipFile]:
    try:
        package = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as exc:
        raise ConfigurationError(f"{name} is no zip file that can be read: {exc}") from exc
    with package:
        yield package


def _is_warc(info: zipfile.ZipInfo) -> bool:
    # A crafted entry may have no name at all; that of a folder ends in a slash.
    return info.filename.lower().endswith(SUFFIXES)


def parts_of(path: ArchiveFile, start: int = 0) -> Iterator[Part | ArchiveDamaged]:
    """The WARC files that a file holds, from ``start``; for one that cannot be read, the reason.

    Raises:
        ArchiveDamaged: none of it can be read.
    """
    name = shown(path)
    try:
        with path.open("rb") as file:
            first = file.read(4)
            if first in ZIP and not start:
                yield from _packed(file, name)
            else:
                yield Part(name=name, source=_source(file, start), packed=False)
    except OSError as exc:
        raise ArchiveDamaged(f"cannot be read: {exc.strerror}", name, start) from exc
    except ConfigurationError as exc:
        raise ArchiveDamaged(str(exc), name, start) from exc


def _packed(file: IO[bytes], name: str) -> Iterator[Part | ArchiveDamaged]:
    with _package(file, name) as package:
        entries = [info for info in package.infolist() if _is_warc(info)]
        if not entries:
            yield ArchiveDamaged(NO_WARC_IN_IT, name, 0)
        for info in entries:
            label = f"{name}/{info.filename.encode('utf-8', 'backslashreplace').decode()}"
            limit = max(ALWAYS_EXPANDED, MOST_EXPANDED * info.compress_size)
            # What the package says of itself is enough to refuse it: nothing is unpacked for that.
            if info.file_size > limit:
                yield ArchiveDamaged("it is packed too small to be read", label, info.header_offset)
                continue
            try:
                with package.open(info) as packed:
                    yield Part(name=label, source=_source(cast("IO[bytes]", _Packed(packed)), 0), packed=True)
            except (*UNPACKING, OSError, Torn) as exc:
                yield ArchiveDamaged(f"it cannot be unpacked: {exc}", label, info.header_offset)


UNPACKING = (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, ValueError)
"""What zipfile raises for crafted and encrypted entries."""


class _Packed:
    """An entry of a package whose faults are damage like any other."""

    def __init__(self, entry: IO[bytes]) -> None:
        self._entry = entry

    def read(self, size: int = -1) -> bytes:
        try:
            return self._entry.read(size)
        except (*UNPACKING, OSError) as exc:
            raise Torn(f"it cannot be unpacked: {exc}", self._entry.tell()) from exc

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._entry.seek(offset, whence)

    def tell(self) -> int:
        return self._entry.tell()


def _source(file: IO[bytes], start: int) -> Source:
    file.seek(start)
    first = file.read(4)
    file.seek(start)
    if first.startswith(GZIP):
        return Gzip(file, start)
    if first == LZ4:
        return Decoded(cast("IO[bytes]", Lz4Reader(file)))
    if first in {ZSTD, DICTIONARY}:
        return Decoded(cast("IO[bytes]", ZstdReader(file)))
    return Plain(file, start)
