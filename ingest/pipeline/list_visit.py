"""The pages that a visit of lists still has to ask for: a work list over the source's ``follow``.

Each address is asked for once, or twice where ``follow`` says so: a page that is to be the same at the end
of a visit as at its beginning. If a list moved while it was read, the whole list is asked for again.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace

from ingest.pipeline.loaded import Loaded, LoadedPart
from ingest.records.outcome import Outcome
from parsers.lists import Known, Next
from parsers.source import Source
from parsers.urls import Address

MOST_TRIES = 3
"""How often a list is read that changes each time; then it is short."""

ASKED_AGAIN = "it changed while it was read: asked again"
LEFT_OPEN = "no further page is shown, and rows are missing"


class ListPages:
    """``next`` is asked for, and then ``follow`` is called with what became of it, if it was loaded."""

    def __init__(self, source: Source, entries: Iterable[Address], *, full: bool) -> None:
        self.entries = tuple(entries)
        self._source = source
        self._full = full
        self._waiting = deque(Next(address=one, why="a visit begins with it") for one in self.entries)
        self._asked: Counter[Address] = Counter()
        self._tries: Counter[Address] = Counter()
        self._callers: dict[Address, Address] = {}

    def next(self) -> Next | None:
        """The next page to ask for; None if the visit is over."""
        while self._waiting:
            wanted = self._waiting.popleft()
            if self._may_ask(wanted):
                self._asked[wanted.address] += 1
                return wanted
        return None

    def follow(self, address: Address, loaded: Loaded, outcome: Outcome) -> Outcome:
        """Add what the page calls for; the outcome with what became of its list.

        A list that moved is asked for again. One that is still open while no page of it follows is short.
        """
        part, lists = loaded.part, self._source.lists
        if part is None or lists is None:
            raise AssertionError("only the pages of a list are followed")
        # The outcome is "done", not short: what becomes of the list is known only after it was read again.
        if part.visit is not None and part.visit.status == "moved":
            again = self._again(self._beginning(address))
            return replace(outcome, state="done", reason=ASKED_AGAIN) if again else outcome
        known = Known(
            visit=part.visit,
            threads=part.threads,
            changed=part.fresh,
            fresh=len(loaded.changes.comments.new),
            full=self._full,
        )
        # The rest of a list before what it calls for: its pages are read as close together as can be.
        wanted = lists.follow(part.page, known)
        # extendleft turns the order round.
        self._waiting.extendleft(reversed(wanted))
        self._callers |= dict.fromkeys((one.address for one in wanted), self._beginning(address))
        if outcome.state == "done" and self._is_left_open(address, part):
            return replace(outcome, state="short", reason=LEFT_OPEN)
        return outcome

    def _is_left_open(self, address: Address, part: LoadedPart) -> bool:
        if part.late or (part.visit is not None and part.visit.status != "open"):
            return False
        beginning = self._beginning(address)
        return not any(
            self._beginning(one.address) == beginning for one in self._waiting if self._may_ask(one)
        )

    def _may_ask(self, wanted: Next) -> bool:
        # Bounded, whatever a site's pages name: a loop of links ends here.
        return self._asked[wanted.address] < (2 if wanted.again else 1)

    def _again(self, beginning: Address) -> bool:
        self._tries[beginning] += 1
        if self._tries[beginning] >= MOST_TRIES:
            return False
        # Its pages count as not asked for, or the second reading would ask for none of them.
        for asked in [one for one in self._asked if self._beginning(one) == beginning]:
            del self._asked[asked]
        # What it called for is called for again, if it still is: a thread may have been deleted.
        self._waiting = deque(
            one
            for one in self._waiting
            if beginning not in {self._beginning(one.address), self._callers.get(one.address)}
        )
        self._waiting.appendleft(Next(address=beginning, why="it changed while it was read"))
        return True

    def _beginning(self, address: Address) -> Address:
        """Where the list begins that the address is a page of."""
        if address.kind == "comments":
            return Address(kind="comments", article_id=address.article_id, slug=address.slug)
        return Address(
            kind=address.kind,
            day=address.day,
            section=address.section,
            since=address.since,
            entries=address.entries,
        )
