"""A consistent copy of the database and its archive, while harvests go on.

    database --one moment--> thresher.sqlite3.part
    archive  --files that are new, each digest checked--> archive/
    every capture row of the copy has its record in the copy --> the database gets its name, backup.json

Until then the backup before stands: files of the archive are only added to, and what a redaction has
replaced goes last. Killed, the next call does what is left.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest.archive.mirror import (
    FileCopied,
    copy_file,
    files_to_copy,
    first_unresolved,
    is_copied,
    replaced,
)
from ingest.archive.suppressed import suppressed_files
from ingest.archive.warc.file import make_folder, sync_folder
from ingest.errors import Busy, StoreUnusable
from ingest.jobs.archive import findings
from ingest.jobs.export.new_file import new_file
from ingest.pipeline.workspace import Workspace
from ingest.records.archive_folder import local
from ingest.records.json_output import Json, instant
from ingest.store import Store
from ingest.store.copying.backup import check_copy

DATABASE, ARCHIVE, MANIFEST, LOCK = "thresher.sqlite3", "archive", "backup.json", "backup.lock"
IN_STORE = "copy the bucket with the store's own tools, and the database with db copy"
PART, LOGS = ".part", ("-wal", "-shm")

Progress = Callable[[int, int], None]
"""Called with the bytes of the archive that are copied, and how many are to be."""


@dataclass(slots=True, kw_only=True)
class BackupReport:
    """What a backup has: ``copied`` are the files that this run wrote, ``removed`` those that were redacted.

    ``only_here`` are files that the archive has lost, ``wrong`` is what was found damaged.
    """

    taken_at: datetime
    captures: int = 0
    files: dict[str, FileCopied] = field(default_factory=dict)
    copied: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    only_here: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 if the archive has lost a file, or the copy is not whole."""
        return 1 if self.only_here or self.wrong else 0


def back_up(workspace: Workspace, out: Path, *, verify: bool, progress: Progress) -> BackupReport:
    """Make or renew the backup in a folder. With ``verify`` every byte of it is read again at the end.

    Raises:
        ConfigurationError: the archive is in a store.
        Busy: another backup into the folder is at work, or a file was redacted meanwhile.
        StoreUnusable: the database, the archive or the folder fails, or what was copied is not whole.
    """
    folder = local(workspace.settings.archive, "backup", IN_STORE)
    store, target = workspace.store, out / ARCHIVE
    with _locked(out):
        part = out / (DATABASE + PART)
        # What a killed backup left.
        _remove(out.glob(f"{DATABASE}{PART}*"))
        store.back_up(part)
        wrong = check_copy(part)
        if wrong:
            raise StoreUnusable(f"the copy of the database is not whole: {wrong[0]}")
        report = BackupReport(taken_at=workspace.clock.now())
        # The copy says which records are needed: the database itself has newer ones by now.
        with Store.read(str(part)) as copy:
            _copy_archive(copy, folder, out, report, progress)
        _name(part, out)
        # Last: until the new database has its name, the old one needs the old files.
        report.removed = _without(target, replaced(target, folder))
        report.only_here = sorted(_names(target) - _names(folder) - set(report.removed))
        if verify:
            report.wrong = list(_wrong(out, report))
        _write_manifest(out, report, store)
    return report


def _copy_archive(copy: Store, folder: Path, out: Path, report: BackupReport, progress: Progress) -> None:
    target, before = out / ARCHIVE, _before(out)
    make_folder(target)
    needed = {
        name: max(offset + length for offset, length in copy.captures.places_in(name))
        for name in copy.captures.held_in_files()
    }
    sources = files_to_copy(folder, needed)
    total, done = sum(one.size for one in sources), 0
    for one in sources:
        known = before.get(one.name)
        if known is None or not is_copied(one, target, known):
            known = copy_file(one, target)
            report.copied.append(one.name)
        report.files[one.name] = known
        done += one.size
        progress(done, total)
    _copy_suppressed(folder, target)
    report.captures = copy.captures.counted().captures
    lost = first_unresolved(target, ((name, copy.captures.places_in(name)) for name in needed))
    if lost is not None:
        raise StoreUnusable(f"the archive is damaged: {lost}: no record begins and ends here")


def _copy_suppressed(folder: Path, target: Path) -> None:
    for path in suppressed_files(folder):
        with new_file(target / path.name, overwrite=True) as file:
            file.write(path.read_bytes())


def _name(part: Path, out: Path) -> None:
    """Let the copy of the database take the place of the one before."""
    try:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        # A log of the old database beside the new one would be played into it.
        _remove(path.with_name(path.name + end) for path in (part, out / DATABASE) for end in LOGS)
        part.rename(out / DATABASE)
        sync_folder(out)
    except OSError as exc:
        raise StoreUnusable(f"{out} cannot be written: {exc.strerror}") from exc


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _without(target: Path, names: Iterable[str]) -> list[str]:
    gone = sorted(names)
    _remove(target / name for name in gone)
    if gone:
        sync_folder(target)
    return gone


def _names(folder: Path) -> set[str]:
    return {path.name.removesuffix(".open") for path in folder.iterdir() if path.suffix != PART}


def _wrong(out: Path, report: BackupReport) -> Iterator[str]:
    for name, one in sorted(report.files.items()):
        if one.digest_on_disk(out / ARCHIVE) != one.sha256:
            yield f"{name}: its bytes are not those that were copied"
    with Store.read(str(out / DATABASE)) as copy:
        # What was captured after the database's moment has no row in it: archive adopt loads that.
        found = (one for one in findings(out / ARCHIVE, copy) if not one.unindexed)
        yield from (f"{one.file} at {one.offset}: {one.reason}" for one in found)


def _before(out: Path) -> dict[str, FileCopied]:
    """The files of the backup before, by name."""
    try:
        kept = json.loads((out / MANIFEST).read_text("utf-8"))["files"]
        return {name: FileCopied(name=name, **one) for name, one in kept.items()}
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return {}


def _write_manifest(out: Path, report: BackupReport, store: Store) -> None:
    files = {name: one.as_json() for name, one in sorted(report.files.items())}
    manifest: Json = {
        "taken_at": instant(report.taken_at),
        "database": store.address,
        "schema": store.revision(),
        "captures": report.captures,
        "files": files,
    }
    with new_file(out / MANIFEST, overwrite=True) as file:
        file.write(json.dumps(manifest, indent=1).encode())


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    try:
        make_folder(out)
        lock = (out / LOCK).open("ab")
    except OSError as exc:
        raise StoreUnusable(f"{out} cannot be written: {exc.strerror}") from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise Busy(f"another backup into {out} is at work") from exc
        yield
