"""Is everything there? The ledger of a window against what the store holds now."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from ingest.decide.completeness.counters import Totals, summary
from ingest.decide.completeness.gaps import (
    DayState,
    as_counted,
    day_state,
    never_reached,
    place_of,
    proven,
    unproven,
    why,
)
from ingest.records.lists import ThreadState
from ingest.records.pages import NOTHING, PageState, Shortfall, Tally
from ingest.store import Store
from schedules.windows import Window

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The pages of a window with their counts taken anew.

    ``unvisited`` are its days of which no page was ever had; ``shortfalls`` its articles that hold fewer or
    more comments than their headline or their thread said.
    """

    pages: tuple[PageState, ...]
    shortfalls: tuple[Shortfall, ...]
    unvisited: tuple[date, ...]
    totals: Totals
    threads: tuple[ThreadState, ...] = ()
    """The threads of a site that lists them."""

    @property
    def complete(self) -> bool:
        """Nothing is missing, as far as the site's counters tell; of nothing, nothing is proven."""
        missing = self.unvisited or self.shortfalls
        return bool(self.pages) and not missing and all(map(proven, self.pages))

    @property
    def seen_whole(self) -> bool:
        """All that the site shows is held, though it does not say of all of it how much there is."""
        missing = self.unvisited or self.shortfalls
        return bool(self.pages) and not missing and all(proven(one) or unproven(one) for one in self.pages)

    @property
    def unproven_days(self) -> tuple[date, ...]:
        """The days of which the site does not say how much there is."""
        return tuple(sorted({page.day for page in self.pages if unproven(page)}))

    @property
    def incomplete(self) -> tuple[PageState, ...]:
        """The pages that are not proven."""
        return tuple(page for page in self.pages if not proven(page))

    @property
    def counted(self) -> tuple[PageState, ...]:
        """The pages with the states that they have by what is held now."""
        uneven = {(gap.source, gap.day, gap.section) for gap in self.shortfalls}
        return tuple(as_counted(page, uneven) for page in self.pages)

    def days(self) -> dict[str, dict[date, DayState]]:
        """How it stands with each day that has a row, by source."""
        rows: defaultdict[str, defaultdict[date, list[PageState]]] = defaultdict(lambda: defaultdict(list))
        for page in self.counted:
            rows[page.source][page.day].append(page)
        return {
            source: {day: day_state(pages) for day, pages in days.items()} for source, days in rows.items()
        }

    def calendar(
        self, source: str | None, since: date | None, until: date | None
    ) -> dict[str, dict[date, DayState]]:
        """The same of every day of a window, or else from the first to the last that has a row."""
        found = self.days()
        names = sorted(found) if source is None else [source]
        return {name: _filled(found.get(name, {}), since, until) for name in names}

    def years(self) -> dict[int, "Coverage"]:
        """The same of each year by itself."""
        pages = _by_year(self.pages, lambda page: page.day)
        gaps = _by_year(self.shortfalls, lambda gap: gap.day)
        unvisited = _by_year(self.unvisited, lambda day: day)
        return {
            year: _added_up(pages[year], gaps[year], unvisited[year])
            for year in sorted(pages.keys() | gaps.keys() | unvisited.keys())
        }

    def sentences(self) -> Iterable[str]:
        """What to tell a person."""
        yield f"articles  {self.totals.held.articles} of {self.totals.expected.articles}"
        yield f"comments  {self.totals.held.comments} of {self.totals.expected.comments}"
        states = "  ".join(f"{state} {count}" for state, count in sorted(self.totals.states.items()))
        yield f"pages     {self.totals.pages}: {states or 'none'}"
        if self.threads:
            counted = Counter(thread.state for thread in self.threads)
            by_state = "  ".join(f"{state} {count}" for state, count in sorted(counted.items()))
            yield f"threads   {len(self.threads)}: {by_state}"
        if self.unvisited:
            first, last = self.unvisited[0], self.unvisited[-1]
            yield f"days never visited: {len(self.unvisited)}, from {first} to {last}"
        yield self.verdict

    @property
    def verdict(self) -> str:
        """Complete or not, and what there is of what is missing."""
        if self.seen_whole and not self.complete:
            return f"all that is shown is held; not proven: days unproven: {len(self.unproven_days)}"
        return "complete" if self.complete else f"NOT complete: {', '.join(self._reasons())}"

    def _reasons(self) -> Iterable[str]:
        if not self.pages:
            yield "no page of these days was ever harvested"
        if self.unvisited:
            yield f"days never visited: {len(self.unvisited)}"
        if self.totals.short_days:
            yield f"days short: {len(self.totals.short_days)}"
        if self.unproven_days:
            yield f"days unproven: {len(self.unproven_days)}"
        if waiting := self._waiting():
            yield f"pages not loaded: {waiting}"
        if self.shortfalls:
            yield f"articles short: {len(self.shortfalls)}"

    def _waiting(self) -> int:
        """How many pages of days that were visited wait to be loaded."""
        days = set(self.unvisited)
        return sum(page.state in {"pending", "leased"} and page.day not in days for page in self.pages)

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints."""
        more: dict[str, object] = {"unproven_days": _iso(self.unproven_days)} if self.unproven_days else {}
        if self.threads:
            more["threads"] = [thread_json(thread) for thread in self.threads]
        return more | {
            "complete": self.complete,
            "expected": _tally(self.totals.expected),
            "held": _tally(self.totals.held),
            "states": dict(self.totals.states),
            "short_days": _iso(self.totals.short_days),
            "unvisited_days": _iso(self.unvisited),
            "pages": [page_json(page) for page in self.pages],
            "incomplete": [page_json(page) for page in self.incomplete],
            "articles": [_gap(gap) for gap in self.shortfalls],
            "years": {str(year): covered.in_short() for year, covered in self.years().items()},
        }

    def in_short(self) -> dict[str, object]:
        """The sums alone."""
        return {
            "complete": self.complete,
            "expected": _tally(self.totals.expected),
            "held": _tally(self.totals.held),
            "pages": self.totals.pages,
            "states": dict(self.totals.states),
            "pages_incomplete": len(self.incomplete),
            "articles_short": len(self.shortfalls),
            "days_unvisited": len(self.unvisited),
        }


def _filled(days: dict[date, DayState], since: date | None, until: date | None) -> dict[date, DayState]:
    first, last = since or min(days, default=None), until or max(days, default=None)
    if first is None or last is None or last < first:
        return {}
    return {day: days.get(day, "none") for day in Window.of(first, last).days(newest_first=False)}


def _iso(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in days]


def cover(
    store: Store, source: str | None, *, since: date | None, until: date | None, window: Window | None
) -> Coverage:
    """Count anew what is held, and put it beside what the site said.

    ``window`` is given if both its ends are: then days without a page are missing.
    """
    held = store.articles.tallies(source, since, until)
    ledger = store.ledger.coverage(source, since, until)
    pages = tuple(_counted(page, held.get(place_of(page), NOTHING)) for page in ledger)
    visited = {page.day for page in pages if not never_reached(page)}
    # Without both ends nobody says which days are missing.
    days = window.days(newest_first=False) if window is not None else sorted({page.day for page in pages})
    unvisited = [day for day in days if day not in visited]
    covered = _added_up(pages, store.articles.shortfalls(source, since, until), unvisited)
    lists = store.threads.of_window(source, since, until)
    return replace(covered, threads=tuple(one for one in lists if one.kind == "comments"))


def window_of(since: date | None, until: date | None) -> Window | None:
    """The window, if both its ends are given; ValueError if they are the wrong way round."""
    return Window.of(since, until) if since is not None and until is not None else None


def _added_up(
    pages: Sequence[PageState], shortfalls: Sequence[Shortfall], unvisited: Sequence[date]
) -> Coverage:
    return Coverage(
        pages=tuple(pages),
        shortfalls=tuple(shortfalls),
        unvisited=tuple(unvisited),
        totals=summary(pages),
    )


def _by_year(found: Iterable[T], day_of: Callable[[T], date]) -> defaultdict[int, list[T]]:
    years: defaultdict[int, list[T]] = defaultdict(list)
    for one in found:
        years[day_of(one).year].append(one)
    return years


def _counted(page: PageState, held: Tally) -> PageState:
    return replace(page, held_articles=held.articles, held_comments=held.comments)


def _tally(tally: Tally) -> dict[str, int]:
    return {"articles": tally.articles, "comments": tally.comments}


def page_json(page: PageState) -> dict[str, object]:
    """A ledger row as ``--json`` prints it."""
    return {
        "source": page.source,
        "day": page.day.isoformat(),
        "section": page.section,
        "state": page.state,
        "expected": {"articles": page.expected_articles, "comments": page.expected_comments},
        "held": {"articles": page.held_articles, "comments": page.held_comments},
        "error": page.last_error,
        "why": why(page),
    }


def thread_json(thread: ThreadState) -> dict[str, object]:
    """A thread's row as ``--json`` prints it."""
    return {
        "source": thread.source,
        "thread": thread.thread,
        "day": thread.day.isoformat(),
        "section": thread.section,
        "state": thread.state,
        "expected": thread.expected_comments,
        "held": thread.held_comments,
        "error": thread.last_error,
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
