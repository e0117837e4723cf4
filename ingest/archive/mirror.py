"""Files of the archive beside a copy of the database: whole ones once, an open one up to its last record.

A sealed file never changes: what was copied whole is not copied again. Every copy is read again from the disk
and its digest compared before it gets its name.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.archive.archive_file import OPEN, files
from ingest.archive.check import final_name
from ingest.archive.export.copy import begun, finished
from ingest.archive.recovery import whole_until
from ingest.archive.redaction import REVISED
from ingest.archive.warc.walk import GZIP
from ingest.errors import Busy, StoreUnusable

PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCopy:
    """A file, by the name that it has, and so many of its first bytes."""

    path: Path
    size: int

    @property
    def name(self) -> str:
        """Its name; one that is still written to has ``.open`` behind it in the copy, too."""
        return self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopied:
    """A file of the copy: its size, and the SHA-256 of it."""

    name: str
    bytes: int
    sha256: str

    def digest_on_disk(self, folder: Path) -> str:
        """The SHA-256 of what is there now; empty if nothing is."""
        try:
            with (folder / self.name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""

    def as_json(self) -> dict[str, int | str]:
        """As it stands in the manifest."""
        return {"bytes": self.bytes, "sha256": self.sha256}


def files_to_copy(folder: Path, needed: Mapping[str, int]) -> list[ToCopy]:
    """All files of the archive; ``needed`` are the names that the database has, and where its records end.

    Raises:
        Busy: one of these is gone, for a redaction replaced it meanwhile.
        StoreUnusable: one of these is gone, or shorter than that.
    """
    found = {final_name(path): path for path in files(folder)}
    return [
        _to_copy(folder, name, found.get(name), needed.get(name, 0)) for name in sorted({*found, *needed})
    ]


def copy_file(one: ToCopy, target: Path) -> FileCopied:
    """Copy it; on return it is on disk under its name, and was read again. Raises StoreUnusable."""
    wanted = target / one.name
    try:
        with finished(wanted, replaces=True) as part:
            with _opened(one.path) as source, begun(part) as sink:
                written = _copy(source, sink, one.size)
                os.fsync(sink.fileno())
            with part.open("rb") as again:
                if hashlib.file_digest(again, "sha256").hexdigest() != written:
                    raise StoreUnusable(f"{wanted}: the disk does not give back what was written")
        # The copy of the time when it was still written to is a part of this one.
        if not one.name.endswith(OPEN):
            (target / (one.name + OPEN)).unlink(missing_ok=True)
    except OSError as exc:
        raise StoreUnusable(f"{wanted} cannot be written: {exc.strerror or exc}") from exc
    return FileCopied(name=one.name, bytes=one.size, sha256=written)


def is_copied(one: ToCopy, target: Path, known: FileCopied) -> bool:
    """Whether a sealed file was copied before, and its copy is there."""
    path = target / one.name
    sealed = not one.name.endswith(OPEN)
    return sealed and known.bytes == one.size and path.is_file() and path.stat().st_size == one.size


def replaced(target: Path, folder: Path) -> Iterator[str]:
    """The files of a copy that the archive has a later revision of, and not them: they were redacted."""
    here = {final_name(path) for path in files(folder)}
    for path in files(target):
        name = final_name(path)
        if name not in here and _revised_in(name, here):
            yield path.name


def first_unresolved(folder: Path, places: Iterable[tuple[str, Iterable[tuple[int, int]]]]) -> str | None:
    """The first place of the index that has no gzip member from its offset to its end; None if all have."""
    for name, spans in places:
        path = _path_of(folder, name)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            for offset, length in spans:
                file.seek(offset)
                # That a member begins there and ends in the file; its digests are checked when it is read.
                if offset + length > size or file.read(len(GZIP)) != GZIP:
                    return f"{name} at {offset}"
    return None


def _to_copy(folder: Path, name: str, path: Path | None, needed: int) -> ToCopy:
    if path is None:
        revised = REVISED.fullmatch(name) is not None and _revised_in(
            name, {one.name for one in files(folder)}
        )
        if revised:
            raise Busy(f"{name} was redacted while it was copied: run it again")
        raise StoreUnusable(f"the archive is damaged: {folder / name} is gone")
    if path.name.endswith(OPEN) and not path.exists():
        path = path.with_name(name)  # it was sealed meanwhile
    size = whole_until(path, needed) if path.name.endswith(OPEN) else path.stat().st_size
    if size < needed:
        raise StoreUnusable(f"the archive is damaged: {path} ends at {size}, and the database knows {needed}")
    return ToCopy(path=path, size=size)


def _revised_in(name: str, names: Iterable[str]) -> bool:
    """Whether a later revision of the file is among the names."""
    own = REVISED.fullmatch(name)
    others = [found for found in map(REVISED.fullmatch, names) if found is not None]
    return own is not None and any(
        one["stem"] == own["stem"] and int(one["number"] or 0) > int(own["number"] or 0) for one in others
    )


def _path_of(folder: Path, name: str) -> Path:
    path = folder / name
    return path if path.exists() else path.with_name(name + OPEN)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:  # it was sealed meanwhile
        return path.with_name(final_name(path)).open("rb")


def _copy(source: BinaryIO, sink: BinaryIO, size: int) -> str:
    digest, left = hashlib.sha256(), size
    while left:
        piece = source.read(min(PIECE, left))
        if not piece:
            raise OSError("the file became shorter while it was copied")
        digest.update(piece)
        sink.write(piece)
        left -= len(piece)
    sink.flush()
    return digest.hexdigest()
