"""The ledger states of a day's sections after one of its pages. Pure, and the same for every job.

    the newest page of its day     -> all that its catalogue counts, and its own section's verdict
    a capture that is read again   -> only what no newer page has said
    a page that failed             -> its section waits, longer each time

What lists prove stands in ``threads``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.decide.completeness.counters import Verdict, expected, judge
from ingest.decide.completeness.verdicts import NO_TOTAL
from ingest.records.pages import NOTHING, DayKnown, PageState, Tally
from parsers.records import ParsedPage
from schedules.recrawl import SETTLED, backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How a page was seen. ``changed``: it changed something in the store.

    ``again``: it may not be the newest of its day. ``superseded`` and ``catalogue_superseded`` see
    ``StoredCapture``.
    """

    captured_at: datetime
    capture_id: int
    changed: bool = False
    again: bool = False
    superseded: bool = False
    catalogue_superseded: bool = False


def next_states(
    page: ParsedPage, known: DayKnown, seen: Seen, *, doubts: tuple[str, ...]
) -> dict[int, PageState]:
    """The ledger rows that a section page changes, by section.

    ``known`` is the day with the page loaded; ``doubts`` are the reasons why the page is not complete.
    """
    states = (_restate if seen.again else _after_newest)(page, known, seen, doubts)
    return {section: _dated(state, page, seen) for section, state in states.items()}


def failed(before: PageState, error: str, now: datetime, capture_id: int | None) -> PageState:
    """The row of a page that could not be fetched, read or loaded."""
    return _back_off(replace(before, state="failed", last_error=error, capture_id=capture_id), now)


def counted(page: ParsedPage, known: DayKnown, *, doubts: tuple[str, ...]) -> dict[int, PageState]:
    """The row of every section that the page counts, as if no other page had been seen."""
    tallies = _tallies(page, known)
    if page.lists_uncounted and page.section is not None:
        return {page.section: _uncounted(page, page.section, tallies, known, doubts)}
    return {
        section: _state(
            page,
            section,
            claim=claim,
            held=tallies.get(section, NOTHING),
            doubts=doubts,
            before=known.pages.get(section),
        )
        for section, claim in expected(page, suppressed=known.suppressed).items()
    }


def _after_newest(
    page: ParsedPage, known: DayKnown, seen: Seen, doubts: tuple[str, ...]
) -> dict[int, PageState]:
    states = counted(page, known, doubts=doubts)
    own = states.get(page.section) if page.section is not None else None
    if own is not None:
        # The page's own section alone was asked for: only its next try moves.
        settled = own if own.state in SETTLED else _back_off(own, seen.captured_at)
        # When to look again depends on when something changed last (schedules.recrawl).
        states[own.section] = replace(settled, changed_at=seen.captured_at if seen.changed else None)
    return states


def _restate(page: ParsedPage, known: DayKnown, seen: Seen, doubts: tuple[str, ...]) -> dict[int, PageState]:
    """What a kept capture still says.

    A day's newest catalogue says what is expected: an older page only shows, for its own section, whether
    that is held now.
    """
    found: dict[int, PageState] = {}
    for section, fresh in counted(page, known, doubts=doubts).items():
        before = known.pages.get(section)
        state = _read_again(before, fresh, seen, doubts, own=section == page.section)
        if state is not None and _differs(state, before, seen.captured_at):
            found[section] = state
    return found


def _read_again(
    before: PageState | None, fresh: PageState, seen: Seen, doubts: tuple[str, ...], *, own: bool
) -> PageState | None:
    """The row by a kept capture; None where it has nothing to say of the section any more."""
    if before is None:
        return fresh
    if own and _failed_since(before, seen.captured_at):
        # A failure behind this capture was a fetch's, which no capture can mend.
        return None
    if _is_newest(before, seen):
        return fresh
    if own and not _seen_since(before, seen):
        return _held_now(before, fresh, doubts, healed=before.capture_id == seen.capture_id)
    return None


def _dated(state: PageState, page: ParsedPage, seen: Seen) -> PageState:
    """The row with the capture that it is from; a look at a section that has articles is no visit of it."""
    own = state.section == page.section
    return replace(
        state,
        capture_id=seen.capture_id if own else None,
        visited_at=max(filter(None, (state.visited_at, seen.captured_at))),
        full_at=seen.captured_at if own or not state.expected_articles else None,
    )


def _failed_since(before: PageState, captured_at: datetime) -> bool:
    return before.state == "failed" and before.full_at is not None and before.full_at >= captured_at


def _is_newest(before: PageState, seen: Seen) -> bool:
    visited = before.visited_at
    if visited is None or visited < seen.captured_at:
        return True
    return visited == seen.captured_at and not seen.catalogue_superseded


def _seen_since(before: PageState, seen: Seen) -> bool:
    full = before.full_at
    if full is None or full < seen.captured_at:
        return False
    return full > seen.captured_at or seen.superseded


def _held_now(before: PageState, fresh: PageState, doubts: tuple[str, ...], *, healed: bool) -> PageState:
    now = replace(before, held_articles=fresh.held_articles, held_comments=fresh.held_comments)
    if now == before and not (healed and before.state == "failed"):
        return before
    if None in {before.expected_articles, before.expected_comments}:
        return fresh
    verdict = judge(before.expected, fresh.held, doubts)
    if verdict.state == "short" and before.state == "pending":
        return now
    judged = replace(now, state=verdict.state, attempts=0, last_error=verdict.last_error)
    return replace(judged, not_before=None) if verdict.state == "done" else judged


def _differs(state: PageState, before: PageState | None, captured_at: datetime) -> bool:
    """Whether the capture is newer, or the row's content differs: its capture and times are not compared."""
    if before is None or before.visited_at is None or before.visited_at < captured_at:
        return True
    return _content(state) != _content(before)


def _content(state: PageState) -> PageState:
    return replace(state, capture_id=None, visited_at=None, changed_at=None, full_at=None)


def _tallies(page: ParsedPage, known: DayKnown) -> dict[int, Tally]:
    """What is held of each section, without articles that the catalogue lists elsewhere: they have moved."""
    listed: dict[str, set[int]] = {}
    for headline in page.headlines:
        listed.setdefault(headline.external_id, set()).add(headline.section)
    tallies: dict[int, Tally] = {}
    for article in known.articles.values():
        # Where the catalogue lists it, if it does; else where it is held.
        places = article.also_in | ({article.section} if article.section is not None else set())
        for section in places & listed.get(article.external_id, places):
            held = tallies.get(section, NOTHING)
            tallies[section] = held + Tally(articles=1, comments=article.comments)
    return tallies


def _state(
    page: ParsedPage,
    section: int,
    *,
    claim: Tally,
    held: Tally,
    doubts: tuple[str, ...],
    before: PageState | None,
) -> PageState:
    state = PageState(
        source=page.source,
        day=page.date,
        section=section,
        state="pending",
        expected_articles=claim.articles,
        held_articles=held.articles,
        expected_comments=claim.comments,
        held_comments=held.comments,
    )
    if section == page.section:
        return _judged(state, judge(claim, held, doubts), before)
    if claim == held == NOTHING:
        # What makes the page doubtful says nothing of a section that the site counts as empty.
        return replace(state, state="done")
    if before is None:
        return state
    # Only a page of its own can clear a section that failed or is short.
    still = before.state if before.state != "done" or claim == held else "pending"
    return replace(
        state,
        state=still,
        attempts=before.attempts,
        not_before=before.not_before,
        last_error=before.last_error,
    )


def _uncounted(
    page: ParsedPage, section: int, tallies: Mapping[int, Tally], known: DayKnown, doubts: tuple[str, ...]
) -> PageState:
    """The row of a section whose page counts nothing: without another doubt, all that it shows is held."""
    held, before = tallies.get(section, NOTHING), known.pages.get(section)
    state = PageState(
        source=page.source,
        day=page.date,
        section=section,
        state="unproven" if doubts == (NO_TOTAL,) else "short",
        held_articles=held.articles,
        held_comments=held.comments,
        last_error="; ".join(doubts),
    )
    if state.state == "unproven" or before is None:
        return state
    return replace(state, attempts=before.attempts, not_before=before.not_before)


def _judged(state: PageState, verdict: Verdict, before: PageState | None) -> PageState:
    judged = replace(state, state=verdict.state, last_error=verdict.last_error)
    if verdict.state == "done" or before is None:
        return judged
    return replace(judged, attempts=before.attempts, not_before=before.not_before)


def _back_off(state: PageState, now: datetime) -> PageState:
    """The row of a fetched page that failed or is short, with the next try later each time."""
    attempts = state.attempts + 1
    return replace(state, attempts=attempts, not_before=now + backoff(attempts))
