"""What became of a page that was loaded."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.decide.changes.model import Changes, Stored
from ingest.records.lists import ThreadState
from ingest.records.pages import PageState
from parsers.lists import KnownThread, ListVisit
from parsers.records import ParsedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPart:
    """What became of a page of a list: the page on its day, the list's row, and its visit so far.

    ``threads`` is what was known before of those that the page names; ``fresh`` are those of which it brought
    comments.
    """

    page: ParsedPage
    state: ThreadState
    visit: ListVisit | None
    threads: Mapping[str, KnownThread]
    fresh: frozenset[str]
    late: bool = False
    """A newer page of the same list was loaded before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a page: ``held`` is what was there before, ``doubts`` why it is not complete."""

    capture_id: int
    held: Stored
    changes: Changes
    doubts: tuple[str, ...]
    own: PageState | None = None
    """The ledger row of the page itself, where the page was the newest of its day."""
    part: LoadedPart | None = None
    """Where the page is a part of a list."""

    @property
    def changed(self) -> bool:
        """Whether the page changed an article or a comment."""
        return self.changes.visible
