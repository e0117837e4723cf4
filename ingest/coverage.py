"""Is everything there? The ledger of a window against what the store holds now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from ingest.ledger import PageState, Shortfall, Tally
from ingest.store import Store
from ingest.verify import Totals, summary
from schedules.windows import Window

NOTHING = Tally(articles=0, comments=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The pages of a window with their counts taken anew; ``unvisited`` are its days without a page."""

    pages: tuple[PageState, ...]
    shortfalls: tuple[Shortfall, ...]
    unvisited: tuple[date, ...]
    totals: Totals

    @staticmethod
    def proven(page: PageState) -> bool:
        """Whether the site's counters and what is held agree."""
        counted = (page.expected_articles, page.expected_comments) == (page.held_articles, page.held_comments)
        return page.state == "done" and counted

    @property
    def complete(self) -> bool:
        """Nothing is missing, as far as the site's counters tell; of nothing, nothing is proven."""
        missing = self.unvisited or self.shortfalls
        return bool(self.pages) and not missing and all(map(self.proven, self.pages))

    def sentences(self) -> Iterable[str]:
        """What to tell a person."""
        yield f"articles  {self.totals.held.articles} of {self.totals.expected.articles}"
        yield f"comments  {self.totals.held.comments} of {self.totals.expected.comments}"
        states = "  ".join(f"{state} {count}" for state, count in sorted(self.totals.states.items()))
        yield f"pages     {self.totals.pages}: {states or 'none'}"
        if self.unvisited:
            first, last = self.unvisited[0], self.unvisited[-1]
            yield f"days never visited: {len(self.unvisited)}, from {first} to {last}"
        yield "complete" if self.complete else f"NOT complete: {', '.join(self._reasons())}"

    def _reasons(self) -> Iterable[str]:
        if not self.pages:
            yield "no page of these days was ever harvested"
        if self.unvisited:
            yield f"days never visited: {len(self.unvisited)}"
        if self.totals.short_days:
            yield f"days short: {len(self.totals.short_days)}"
        if self.shortfalls:
            yield f"articles short: {len(self.shortfalls)}"

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return {
            "complete": self.complete,
            "expected": _tally(self.totals.expected),
            "held": _tally(self.totals.held),
            "states": dict(self.totals.states),
            "short_days": [day.isoformat() for day in self.totals.short_days],
            "unvisited_days": [day.isoformat() for day in self.unvisited],
            "pages": [_page(page) for page in self.pages],
            "articles": [_gap(gap) for gap in self.shortfalls],
        }


def cover(
    store: Store, source: str | None, *, since: date | None, until: date | None, window: Window | None
) -> Coverage:
    """Count anew what is held, and put it beside what the site said.

    ``window`` is given if both its ends are: then days without a page are missing.
    """
    held = store.tallies(source, since, until)
    ledger = store.coverage(source, since, until)
    pages = tuple(_counted(page, held.get((page.source, page.day, page.section), NOTHING)) for page in ledger)
    visited = {page.day for page in pages}
    days = window.days(newest_first=False) if window is not None else ()
    return Coverage(
        pages=pages,
        shortfalls=store.shortfalls(source, since, until),
        unvisited=tuple(day for day in days if day not in visited),
        totals=summary(pages),
    )


def _counted(page: PageState, held: Tally) -> PageState:
    return replace(page, held_articles=held.articles, held_comments=held.comments)


def _tally(tally: Tally) -> dict[str, int]:
    return {"articles": tally.articles, "comments": tally.comments}


def _page(page: PageState) -> dict[str, object]:
    return {
        "source": page.source,
        "day": page.day.isoformat(),
        "section": page.section,
        "state": page.state,
        "expected": {"articles": page.expected_articles, "comments": page.expected_comments},
        "held": {"articles": page.held_articles, "comments": page.held_comments},
        "error": page.last_error,
    }


def _gap(gap: Shortfall) -> dict[str, object]:
    return {
        "source": gap.source,
        "external_id": gap.external_id,
        "day": gap.day.isoformat(),
        "section": gap.section,
        "title": gap.title,
        "expected": gap.expected_comments,
        "held": gap.held_comments,
    }
