"""The ledger states of a day's sections once one of its pages is loaded. Pure."""

from dataclasses import replace
from datetime import datetime

from ingest.decide.completeness.counters import Verdict, expected, judge
from ingest.records.pages import DayKnown, PageState, Tally
from parsers.records import ParsedPage
from schedules.recrawl import backoff

NOTHING = Tally(articles=0, comments=0)


def next_states(page: ParsedPage, known: DayKnown, *, doubts: tuple[str, ...]) -> dict[int, PageState]:
    """The ledger row of every section that a section page counts, by section.

    ``known`` is the day with the page loaded; ``doubts`` are the reasons why the page is not complete.
    """
    tallies = _tallies(page, known)
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


def ledger_after(
    page: ParsedPage,
    known: DayKnown,
    *,
    doubts: tuple[str, ...],
    captured_at: datetime,
    capture_id: int,
    changed: bool,
) -> dict[int, PageState]:
    """The ledger rows to write, by section, once the newest page of a day is loaded.

    ``changed``: whether the page changed anything in the store.
    """
    ledger = next_states(page, known, doubts=doubts)
    own = ledger.get(page.section) if page.section is not None else None
    if own is not None:
        settled = own if own.state == "done" else back_off(own, captured_at)
        ledger[own.section] = replace(
            settled, capture_id=capture_id, changed_at=captured_at if changed else None
        )
    return {
        section: replace(
            state,
            visited_at=captured_at,
            full_at=captured_at if section == page.section or not state.expected_articles else None,
        )
        for section, state in ledger.items()
    }


def restate(
    page: ParsedPage,
    known: DayKnown,
    *,
    doubts: tuple[str, ...],
    captured_at: datetime,
    capture_id: int,
    superseded: bool = False,
    catalogue_superseded: bool = False,
) -> dict[int, PageState]:
    """The ledger rows that a section page changes when a kept capture of it is read again.

    A day's newest catalogue says what is expected: an older page only shows, for its own section, whether
    that is held now. ``superseded`` and ``catalogue_superseded`` see ``StoredCapture``.
    """
    fresh = next_states(page, known, doubts=doubts)
    found: dict[int, PageState] = {}
    for section, state in fresh.items():
        own, before = section == page.section, known.pages.get(section)
        if before is not None and own and _failed_since(before, captured_at):
            # A failure behind this capture was a fetch's, which no capture can mend.
            continue
        if before is None or _is_newest(before, captured_at, catalogue_superseded):
            found[section] = state
        elif own and not _seen_since(before, captured_at, superseded):
            found[section] = _held_now(before, state, doubts, healed=before.capture_id == capture_id)
    return {
        section: state
        for section, state in found.items()
        if _differs(state, known.pages.get(section), captured_at)
    }


def _failed_since(before: PageState, captured_at: datetime) -> bool:
    return before.state == "failed" and before.full_at is not None and before.full_at >= captured_at


def _is_newest(before: PageState, captured_at: datetime, catalogue_superseded: bool) -> bool:
    visited = before.visited_at
    return visited is None or visited < captured_at or (visited == captured_at and not catalogue_superseded)


def _seen_since(before: PageState, captured_at: datetime, superseded: bool) -> bool:
    full = before.full_at
    return full is not None and (full > captured_at or (full == captured_at and superseded))


def _held_now(before: PageState, fresh: PageState, doubts: tuple[str, ...], *, healed: bool) -> PageState:
    now = replace(before, held_articles=fresh.held_articles, held_comments=fresh.held_comments)
    if now == before and not (healed and before.state == "failed"):
        return before
    if before.expected_articles is None or before.expected_comments is None:
        return fresh
    claim = Tally(articles=before.expected_articles, comments=before.expected_comments)
    held = Tally(articles=fresh.held_articles or 0, comments=fresh.held_comments or 0)
    verdict = judge(claim, held, doubts)
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
        places = article.also_in | ({article.section} if article.section is not None else set())
        for section in places & listed.get(article.external_id, places):
            held = tallies.get(section, NOTHING)
            tallies[section] = Tally(articles=held.articles + 1, comments=held.comments + article.comments)
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


def _judged(state: PageState, verdict: Verdict, before: PageState | None) -> PageState:
    judged = replace(state, state=verdict.state, last_error=verdict.last_error)
    if verdict.state == "done" or before is None:
        return judged
    return replace(judged, attempts=before.attempts, not_before=before.not_before)


def back_off(state: PageState, now: datetime) -> PageState:
    """The row of a fetched page that failed or is short, with the next try later each time."""
    attempts = state.attempts + 1
    return replace(state, attempts=attempts, not_before=now + backoff(attempts))
