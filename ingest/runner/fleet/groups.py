"""Which archive files are parsed together, which one after the other, and which beside one another. Pure.

Rows depend on the order of a day's captures. Files that share a day, also through others, are one group: its
jobs run one after the other, in the order of their captures. Within a group, files whose captures alternate
in time are one job; it reads them in the order of captures, as a re-parse on one machine does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from ingest.store.captures.files import FileDays


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """``jobs`` in their order, each with its files; ``name`` is that of its first file."""

    name: str
    jobs: tuple[tuple[str, ...], ...]


def groups_of(files: Iterable[FileDays], *, by_day: bool) -> tuple[FileGroup, ...]:
    """The groups; without ``by_day`` all files are one, as of a source whose threads outlast a day."""
    ordered = sorted(files, key=lambda one: (one.first, one.file))
    groups = _sharing_a_day(ordered) if by_day else [ordered] if ordered else []
    return tuple(FileGroup(name=group[0].file, jobs=_jobs(group)) for group in groups)


def _sharing_a_day(files: Sequence[FileDays]) -> list[list[FileDays]]:
    groups: list[tuple[frozenset[date | None], list[FileDays]]] = []
    for file in files:
        # What was never parsed may be of any day.
        met = [group for group in groups if group[0] & file.days]
        days = file.days.union(*(known for known, _ in met))
        merged = sorted(chain([file], *(group for _, group in met)), key=lambda one: (one.first, one.file))
        groups = [*(group for group in groups if group not in met), (days, merged)]
    return [group for _, group in groups]


def _jobs(files: Sequence[FileDays]) -> tuple[tuple[str, ...], ...]:
    jobs: list[list[str]] = []
    until = None
    for file in files:
        # Their captures alternate: one after the other, an older page would come behind a newer one.
        if until is not None and file.first <= until:
            jobs[-1].append(file.file)
        else:
            jobs.append([file.file])
        until = file.last if until is None else max(until, file.last)
    return tuple(tuple(job) for job in jobs)
