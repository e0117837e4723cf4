"""What is on a disk after its power failed: what was synced, and of the rest whatever chance left.

A file's writes since its last sync are kept or lost one 512-byte sector at a time, in no order. New, changed
and removed names are kept in their order, as a journal does; any sync makes those before it stay.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import apsw

from tests.faults.recorder import Acknowledged, Closed, Event, FileOp, Statement

SECTOR = 512
DATABASE = "held.sqlite3"
SHIPPED = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
POWERSAFE_OVERWRITE = 0x1000
"""What SQLite's own layer says of a disk on Linux: a torn write does not reach its neighbours."""

Log = list[FileOp | Acknowledged]
_numbers = count()


def replayed(events: Iterable[Event], database: bytes, pragmas: Sequence[str] = SHIPPED) -> Log:
    """The same events, with the calls on the database's files in the place of its statements."""
    layer = _Layer({DATABASE: bytearray(database)})
    connection: apsw.Connection | None = None
    for one in events:
        if isinstance(one, Statement):
            if connection is None:
                connection = _opened(layer, pragmas)
            _execute(connection, one)
        elif isinstance(one, Closed):
            if connection is not None:
                connection.close()
            connection = None
        else:
            layer.log.append(one)
    layer.unregister()
    return layer.log


def _opened(layer: "_Layer", pragmas: Sequence[str]) -> apsw.Connection:
    connection = apsw.Connection(DATABASE, vfs=layer.name)
    # A layer of our own has no shared memory: one connection then keeps the index of the log to itself.
    for pragma in ("locking_mode=EXCLUSIVE", *pragmas):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _execute(connection: apsw.Connection, statement: Statement) -> None:
    if statement.many:
        connection.executemany(statement.words, statement.parameters).fetchall()
    else:
        connection.execute(statement.words, statement.parameters or ()).fetchall()


class _Layer(apsw.VFS):
    """SQLite's files in memory; ``log`` has every call that changes one."""

    def __init__(self, files: dict[str, bytearray]) -> None:
        self.name = f"powercut-{next(_numbers)}"
        self.files = files
        self.log: Log = []
        super().__init__(self.name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - SQLite's names
        key = str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        if key not in self.files:
            self.files[key] = bytearray()
            self.log.append(FileOp(kind="create", name=key))
        flags[1] = flags[0]
        return _File(self, key)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        self.files.pop(name, None)
        self.log.append(FileOp(kind="unlink", name=name))
        if syncdir:
            self.log.append(FileOp(kind="sync", name=""))

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802
        return name in self.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class _File:
    def __init__(self, layer: _Layer, name: str) -> None:
        self._layer = layer
        self._name = name
        self._data = layer.files[name]

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._data[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        _put(self._data, offset, data)
        self._layer.log.append(FileOp(kind="write", name=self._name, offset=offset, data=bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        del self._data[size:]
        self._layer.log.append(FileOp(kind="truncate", name=self._name, offset=size))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._layer.log.append(FileOp(kind="sync", name=self._name))

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._data)

    def xLock(self, level: int) -> None:  # noqa: N802
        """Nobody else is there."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """Nobody else is there."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return POWERSAFE_OVERWRITE

    def xClose(self) -> None:  # noqa: N802
        """Its bytes stay."""


@dataclass(slots=True)
class _Node:
    """A file's bytes that are on disk for sure, and what was done to it since."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[FileOp] = field(default_factory=list)


class Disk:
    """A disk to which a log is played; ``cut`` ends its power."""

    def __init__(self, database: bytes) -> None:
        self._names: dict[str, _Node] = {DATABASE: _Node(synced=bytearray(database))}
        self._stay = dict(self._names)
        self._renamings: list[tuple[FileOp, _Node]] = []

    def play(self, op: FileOp) -> None:
        """One call."""
        if op.kind in {"write", "truncate"}:
            self._names[op.name].waiting.append(op)
        elif op.kind == "sync":
            self._sync(op.name)
        else:
            node = _Node() if op.kind == "create" else self._names[op.name]
            self._renamings.append((op, node))
            _rename(self._names, op, node)

    def _sync(self, name: str) -> None:
        for op, node in self._renamings:
            _rename(self._stay, op, node)
        self._renamings.clear()
        if name:
            node = self._names[name]
            for op in node.waiting:
                _apply(node.synced, op)
            node.waiting.clear()

    def cut(self, chance: random.Random, folder: Path) -> None:
        """What is found when the power is back: the database in ``folder``, and the archive beside it."""
        kept = chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        names = dict(self._stay)
        for op, node in self._renamings[: chance.randint(0, len(self._renamings))]:
            _rename(names, op, node)
        (folder / "archive").mkdir(parents=True, exist_ok=True)
        for name, node in names.items():
            data = bytearray(node.synced)
            for op in node.waiting:
                for part in _sectors(op):
                    if chance.random() < kept:
                        _apply(data, part)
            place = folder if name.startswith(DATABASE) else folder / "archive"
            (place / name).write_bytes(data)


def _rename(names: dict[str, _Node], op: FileOp, node: _Node) -> None:
    if op.kind == "create":
        names[op.name] = node
        return
    names.pop(op.name, None)
    if op.kind == "rename":
        names[op.to] = node


def _sectors(op: FileOp) -> list[FileOp]:
    if op.kind != "write":
        return [op]
    ends = [*range(op.offset - op.offset % SECTOR + SECTOR, op.offset + len(op.data), SECTOR)]
    edges = [op.offset, *ends, op.offset + len(op.data)]
    return [
        FileOp(kind="write", name=op.name, offset=at, data=op.data[at - op.offset : to - op.offset])
        for at, to in pairwise(edges)
    ]


def _apply(data: bytearray, op: FileOp) -> None:
    if op.kind == "truncate":
        del data[op.offset :]
    else:
        _put(data, op.offset, op.data)


def _put(data: bytearray, offset: int, new: bytes) -> None:
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(new)] = new
