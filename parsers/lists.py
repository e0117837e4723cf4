"""Lists over several pages: what a visit has shown of one so far, and the pages that it still asks for.

A list is a thread, or a day's threads. A visit of it is proved only over all its pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from parsers.records import ParsedPage
from parsers.urls import Address

VisitStatus = Literal["open", "proven", "unproven", "moved", "short"]
"""``moved``: the list changed while it was read. ``short``: its end does not agree with its total."""


OUTSIDE = ""
"""A row that is no part of the list: what a forum lists of other days before those of one, or hides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows of one page of a list whose rows have no ranks; ``again``: it was read twice, and the same."""

    number: int
    ids: tuple[str, ...]
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVisit:
    """One visit of a list. ``rows`` are the ids by rank, None where a page has not been read yet.

    For lists by ``stream`` they are the ids in the order in which they were shown. ``began_at`` is when its
    first page was asked for. ``reason`` says why it is neither open nor proven.

    A day's threads are looked for in a forum's listing, newest first: its pages up to ``newer`` show newer
    ones alone, and it ends on or before page ``last``. ``aside`` are those of the day that are pinned above
    the rows, and have no rank.

    A list by ``pages`` is read as ``sheets``, in the order in which they were read; its rows are known when
    all pages up to ``last`` were.
    """

    began_at: datetime
    rows: tuple[str | None, ...]
    others: frozenset[str]
    total: int | None
    stream: tuple[str, ...] | None = None
    starts: bool = False
    ends: bool = False
    needs_total: bool = True
    newer: int = 0
    last: int = 0
    aside: frozenset[str] = frozenset()
    sheets: tuple[Sheet, ...] = ()
    status: VisitStatus = "open"
    reason: str | None = None

    @property
    def missing(self) -> int:
        """The first rank that no page has shown; the number of rows if there is none."""
        return next((rank for rank, row in enumerate(self.rows) if row is None), len(self.rows))

    @property
    def comments(self) -> int:
        """How many of the rows are comments."""
        return len(self.shown - self.others)

    @property
    def shown(self) -> frozenset[str]:
        """The ids of all rows."""
        return self.aside.union(row for row in self.rows if row)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownThread:
    """What the ledger says of a thread: whether its last visit was settled, and what it had then."""

    settled: bool
    mark: str | None
    comments: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known once a page is loaded.

    ``visit`` is that of the list which the page is a part of. ``threads`` are those in the ledger, by id.
    ``changed`` are the threads that the page brought new comments of, ``fresh`` how many these are.
    ``full``: every thread is to be asked for.
    """

    visit: ListVisit | None
    threads: Mapping[str, KnownThread]
    changed: frozenset[str]
    fresh: int
    full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """An address to ask for, and why; ``again``: even if it was asked for once before in the visit."""

    address: Address
    why: str
    again: bool = False


Follow = Callable[[ParsedPage, Known], tuple[Next, ...]]


def differing_threads(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The threads of a listing that are unknown, unsettled, or marked otherwise than when they were read."""
    found = []
    for claim in page.claims:
        why = _difference(known.threads.get(claim.thread), claim.mark, full=known.full)
        if why is not None:
            address = Address(kind="comments", article_id=claim.thread, slug=claim.slug)
            found.append(Next(address=address, why=why))
    return tuple(found)


def _difference(thread: KnownThread | None, mark: str | None, *, full: bool) -> str | None:
    # An edit changes no mark: now and then everything is read.
    if full:
        return "everything is asked for"
    if thread is None:
        return "it is unknown"
    # Its last visit failed, was short or broken off.
    if not thread.settled:
        return "it is unfinished"
    return "the listing shows a change" if thread.mark != mark else None
