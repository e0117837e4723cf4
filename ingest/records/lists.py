"""The ledger rows of lists: of threads, and of the listings that name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from ingest.records.pages import State
from parsers.lists import ListVisit
from parsers.records import PageKind
from schedules.recrawl import SETTLED

ListKind = Literal["comments", "listing", "latest"]
KINDS: Mapping[PageKind, ListKind] = MappingProxyType(
    {"section": "listing", "comments": "comments", "article": "comments", "latest": "latest"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadState:
    """The ledger row of a list, whose pages are proved together; other fields see ``PageState``.

    ``kind`` is ``comments`` for a thread; ``listing`` for the threads of a day and ``latest`` for the
    newest comments of the site, both with an empty ``thread``. A listing counts its threads as if they were
    comments.

    ``mark`` is what the listing said of it when it was visited last.
    ``visit`` is what the pages of an unfinished visit have shown.
    """

    source: str
    kind: ListKind
    thread: str
    day: date
    section: int
    state: State = "pending"
    attempts: int = 0
    not_before: datetime | None = None
    last_error: str | None = None
    expected_comments: int | None = None
    held_comments: int | None = None
    capture_id: int | None = None
    visited_at: datetime | None = None
    changed_at: datetime | None = None
    full_at: datetime | None = None
    mark: str | None = None
    visit: ListVisit | None = None

    @property
    def settled(self) -> bool:
        """Whether its last visit found all that there is."""
        return self.state in SETTLED
