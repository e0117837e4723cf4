"""Which captures a re-parse is about, and in which order: that of their making."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ingest.records.pages import CaptureRow, StoredCapture
from ingest.store import Store
from parsers.errors import AddressUnknown
from parsers.source import Source

COMMAND, REHEARSAL = "reparse", "reparse --diff"

AT_ONCE = 500
"""Rows of the index that are in memory together."""

After = tuple[datetime, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reparse:
    """What to parse again: what an older revision read, what failed and what was never read, or all.

    ``since`` and ``until`` are days of the captures' addresses, both included; ``only`` are ids of captures;
    ``revision``: instead, what that revision of a parser has read, or an older one.
    ``sample`` is how many to look at, spread over the window, and goes with ``diff`` alone.
    ``files``: only what these WARC files hold; then the source is not locked, and whoever asks sees to it
    that no two such runs at once share a day.
    ``only_new``: what others' files hold and is held already is passed over.
    """

    source: Source
    since: date | None = None
    until: date | None = None
    everything: bool = False
    revision: int | None = None
    diff: bool = False
    sample: int | None = None
    only: frozenset[int] | None = None
    files: frozenset[str] | None = None
    only_new: bool = False

    @property
    def scope(self) -> str:
        """The same text for the same wish of the same parsers: such a run may go on where another ended."""
        revisions = {template.name: template.revision for template in self.source.templates}
        window = [str(day) if day is not None else None for day in (self.since, self.until)]
        only = sorted(self.only) if self.only is not None else None
        wish = [self.source.name, window, self.everything, self.revision, only, revisions]
        return json.dumps(wish if self.files is None else [*wish, sorted(self.files)], sort_keys=True)


def wanted_captures(store: Store, wanted: Reparse, after: After = None) -> Iterator[StoredCapture]:
    """The captures, oldest first, behind a moment and an id."""
    revisions = {template.name: template.revision for template in wanted.source.templates}
    while some := store.captures.kept_after(wanted.source.name, after, AT_ONCE, wanted.files):
        yield from (stored for stored in some if _is_wanted(stored, wanted, revisions))
        after = (some[-1].row.captured_at, some[-1].capture_id)


def spread(captures: Iterator[StoredCapture], total: int, number: int) -> Iterator[StoredCapture]:
    """So many of the captures, at equal distances."""
    chosen = {place * total // number for place in range(number)}
    return (stored for place, stored in enumerate(captures) if place in chosen)


def _is_wanted(stored: StoredCapture, wanted: Reparse, revisions: dict[str, int]) -> bool:
    if wanted.only is not None and stored.capture_id not in wanted.only:
        return False
    if not is_in_window(stored.row.url, wanted):
        return False
    if wanted.revision is not None:
        return stored.row.revision is not None and stored.row.revision <= wanted.revision
    return wanted.everything or wanted.only is not None or _is_behind(stored.row, revisions)


def _is_behind(row: CaptureRow, revisions: dict[str, int]) -> bool:
    if row.parser is None or row.revision is None or row.error is not None:
        return True
    # A template that is no more has no revision: what it read is for another to read.
    return row.parser not in revisions or row.revision < revisions[row.parser]


def is_in_window(url: str, wanted: Reparse) -> bool:
    """Whether the address is of a day that is asked for."""
    if wanted.since is None and wanted.until is None:
        return True
    try:
        day = wanted.source.address_of(url).day
    except AddressUnknown:
        return False
    # Late comments, or today's page without its day: no window of days has them.
    if day is None:
        return False
    return (wanted.since or date.min) <= day <= (wanted.until or date.max)
