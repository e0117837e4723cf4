"""A whole database into another one, and the proof that both hold the same.

    lock the sources -> snapshot -> rows, table by table -> index of words -> digests of both -> finished

Killed, it is taken up where it was; until both digests are equal no command opens the copy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ingest.clock import Clock
from ingest.errors import ConfigurationError
from ingest.records.json_output import Json
from ingest.store import Store
from ingest.store.copying.rows import Extent
from ingest.store.copying.snapshot import Snapshot
from ingest.store.copying.target import CopyTarget, opened

OnProgress = Callable[[int, int], None]
INDEXED = ("articles", "comments")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedTable:
    """A table of both databases: the rows of the one, and the digests of each."""

    name: str
    rows: int
    digest: str
    copy_digest: str

    @property
    def equal(self) -> bool:
        """Whether both hold the same rows."""
        return self.digest == self.copy_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseCopy:
    """What was copied where to; ``copied`` are the rows that this run wrote itself."""

    origin: str
    target: str
    tables: tuple[CopiedTable, ...]
    copied: int
    resumed: bool
    seconds: float

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(one.rows for one in self.tables)

    @property
    def differing(self) -> tuple[str, ...]:
        """The tables that are not equal."""
        return tuple(one.name for one in self.tables if not one.equal)

    def as_json(self) -> Json:
        """As ``db copy --json`` prints it."""
        return {
            "from": self.origin,
            "to": self.target,
            "equal": not self.differing,
            "differing": list(self.differing),
            "rows": self.rows,
            "copied": self.copied,
            "resumed": self.resumed,
            "seconds": round(self.seconds, 1),
            "tables": {one.name: {"rows": one.rows, "sha256": one.digest} for one in self.tables},
        }


class _Progress:
    """One count for all steps: every row is written, read in both databases, and some are indexed."""

    def __init__(self, found: Mapping[str, Extent], report: OnProgress) -> None:
        self._rows = sum(one.rows for one in found.values())
        # Written once and read twice.
        self._total = 3 * self._rows + sum(found[name].rows for name in INDEXED)
        self._done = 0
        self._report = report

    def advance(self, rows: int) -> None:
        self._done += rows
        self._report(self._done, self._total)

    def indexed(self, done: int, _total: int) -> None:
        self._report(self._rows + done, self._total)

    def compare(self) -> None:
        self._done = self._total - 2 * self._rows


def copy_database(store: Store, url: str, *, clock: Clock, on_progress: OnProgress) -> DatabaseCopy:
    """Copy all rows of a database into the one at ``url``, which is empty or an unfinished copy of it.

    Raises:
        Busy: a run, or another process, writes one of the two.
        ConfigurationError: the other database holds something else.
        StoreUnusable: one of the two fails; the copy is taken up by the next call.
    """
    began = clock.monotonic()
    with store.frozen() as snapshot, opened(url) as target:
        # By a name that the database itself gives: two addresses may lead to one.
        if target.name == snapshot.name:
            raise ConfigurationError(f"{target.address} is the database itself")
        found = snapshot.extents()
        places = target.begin(snapshot.name, found)
        progress = _Progress(found, on_progress)
        copied = _write(snapshot, target, found, places, progress)
        target.index(progress.indexed)
        result = DatabaseCopy(
            origin=store.address,
            target=target.address,
            tables=_compare(snapshot, target, found, progress),
            copied=copied,
            resumed=any(places.values()),
            seconds=clock.monotonic() - began,
        )
        if not result.differing:
            target.finish()
    return result


def _write(
    snapshot: Snapshot,
    target: CopyTarget,
    found: Mapping[str, Extent],
    places: Mapping[str, int],
    progress: _Progress,
) -> int:
    copied = 0
    for name, extent in found.items():
        after = places[name]
        while after < extent.last:
            number, after = target.add(name, partial(snapshot.rows_after, name, after))
            copied += number
            progress.advance(number)
    return copied


def _compare(
    snapshot: Snapshot, target: CopyTarget, found: Mapping[str, Extent], progress: _Progress
) -> tuple[CopiedTable, ...]:
    progress.compare()
    with target.digests() as digest_of:
        return tuple(
            CopiedTable(
                name=name,
                rows=extent.rows,
                digest=snapshot.digest(name, progress.advance),
                copy_digest=digest_of(name, progress.advance),
            )
            for name, extent in found.items()
        )
