"""Does a page agree with its own counters, and do we hold what they claim? Pure.

``agreement`` asks the page, ``expected`` reads its claims, ``judge`` compares them with what is held,
``summary`` adds up a window.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.decide.completeness.verdicts import NO_TOTAL
from ingest.records.pages import NOTHING, PageState, State, Tally
from parsers.records import Article, Headline, ParsedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state a section's ledger row gets, and why if it is short."""

    state: Literal["done", "short"]
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The ledger of a window added up. ``short_days`` have a section that failed or whose counts differ."""

    pages: int
    states: Mapping[State, int]
    expected: Tally
    held: Tally
    short_days: tuple[date, ...]


def agreement(page: ParsedPage) -> tuple[str, ...]:
    """Why the page is not complete, in plain sentences; empty if all it shows agrees with its counters."""
    if page.lists_uncounted:
        return (*_truncation(page), *unreadable_blocks(page), NO_TOTAL)
    if not page.can_be_complete:
        return (f"a page of the kind {page.kind} has no counters", *unreadable_blocks(page))
    return (
        *_truncation(page),
        *unreadable_blocks(page),
        *_day_counters(page),
        *_section_counters(page),
        *_own_section(page),
        *_threads(page),
    )


def expected(page: ParsedPage, *, suppressed: frozenset[str] = frozenset()) -> dict[int, Tally]:
    """How many articles and comments each section has by the page's larger claim, empty sections included.

    ``suppressed`` articles are left out, as they are of what is held.
    """
    claims = {number: Tally(articles=count, comments=0) for number, count in page.counters.sections.items()}
    listed = _by_section(page)
    # Its own section as well: the foot counts only the others.
    for number in listed.keys() | ({page.section} if page.section is not None else set()):
        claims[number] = _larger_claim(claims.get(number), listed.get(number, []))
    return {number: _without(claims[number], listed.get(number, []), suppressed) for number in sorted(claims)}


def judge(expected: Tally, held: Tally, reasons: tuple[str, ...]) -> Verdict:
    """Done if exactly the expected rows are held and there are no ``reasons`` to doubt the page."""
    gaps = (
        _gap("articles", expected.articles, held.articles),
        _gap("comments", expected.comments, held.comments),
    )
    # More than expected is a doubt as well: something may be gone that was not seen to go.
    problems = [gap for gap in gaps if gap] + list(reasons)
    return (
        Verdict(state="short", last_error="; ".join(problems))
        if problems
        else Verdict(state="done", last_error=None)
    )


def differs(row: PageState) -> bool:
    """Whether the held counts differ from the site's; where the site gives none, nothing differs."""
    # No claim, no difference: such a row is unproven.
    is_counted = row.expected_articles is not None
    return is_counted and (row.expected_articles, row.expected_comments) != (
        row.held_articles,
        row.held_comments,
    )


def summary(rows: Iterable[PageState]) -> Totals:
    """The totals of ledger rows, for ``thresher verify``; a count that the site never gave adds nothing."""
    pages = list(rows)
    return Totals(
        pages=len(pages),
        states=Counter(row.state for row in pages),
        expected=sum((row.expected for row in pages), NOTHING),
        held=sum((row.held for row in pages), NOTHING),
        short_days=tuple(sorted({row.day for row in pages if _is_short(row)})),
    )


def _truncation(page: ParsedPage) -> Iterable[str]:
    if page.truncated:
        yield "the page ends before its foot"


def unreadable_blocks(page: ParsedPage) -> Iterable[str]:
    """The articles and comments of the page that cannot be read, in plain sentences."""
    for block in page.unreadable:
        what = f"comment {block.comment} of article" if block.comment else "article"
        yield f"{what} {block.article} cannot be read: {block.reason}"


def _day_counters(page: ParsedPage) -> Iterable[str]:
    comments = sum(headline.comment_count for headline in page.headlines)
    yield from _counter("articles", page.counters.articles_today, len(page.headlines))
    yield from _counter("comments", page.counters.comments_today, comments)


def _counter(what: str, counted: int | None, listed: int) -> Iterable[str]:
    if counted is None:
        yield f"the page does not count the day's {what}"
    elif counted != listed:
        yield f"the day has {counted} {what} by its counter and {listed} by its headlines"


def _section_counters(page: ParsedPage) -> Iterable[str]:
    rows = {number: len(headlines) for number, headlines in _by_section(page).items()}
    for number in sorted(rows.keys() | page.counters.sections.keys()):
        counted = page.counters.sections.get(number)
        listed = rows.get(number, 0)
        # The foot counts the other sections; its own a page need not count.
        if counted is None and number != page.section:
            yield f"the page does not count the articles of section {number}"
        elif counted is not None and counted != listed:
            yield f"section {number} has {counted} articles by its counter and {listed} by its headlines"


def _own_section(page: ParsedPage) -> Iterable[str]:
    if page.section is None:
        yield "the page does not say which section it is"
        return
    # Counted, not as sets: an article that is listed twice has to be shown twice.
    listed = Counter(row.external_id for row in page.headlines if row.section == page.section)
    shown = Counter(article.external_id for article in page.articles)
    missing, surplus = (listed - shown).total(), (shown - listed).total()
    if missing:
        yield f"section {page.section} lists {missing} articles that the page does not show"
    if surplus:
        yield f"the page shows {surplus} articles that section {page.section} does not list"


def _threads(page: ParsedPage) -> Iterable[str]:
    headlines = {headline.external_id: headline for headline in page.headlines}
    for article in page.articles:
        headline = headlines.get(article.external_id)
        if headline is not None:
            yield from _thread(article, headline)


def _thread(article: Article, headline: Headline) -> Iterable[str]:
    # Distinct ids: one comment that is shown twice must not stand for one that is missing.
    shown = len({comment.external_id for comment in article.comments})
    last = article.comments[-1].external_id if article.comments else None
    if shown != headline.comment_count:
        yield f"article {article.external_id} shows {shown} of {headline.comment_count} comments"
    # As many as claimed, and another one last: the thread is not the one that was counted.
    elif last != headline.last_comment_id:
        yield f"article {article.external_id} ends with comment {last}, not {headline.last_comment_id}"


def _by_section(page: ParsedPage) -> dict[int, list[Headline]]:
    sections: dict[int, list[Headline]] = {}
    for headline in page.headlines:
        sections.setdefault(headline.section, []).append(headline)
    return sections


def _larger_claim(counted: Tally | None, listed: list[Headline]) -> Tally:
    articles = max(len(listed), counted.articles if counted else 0)
    return Tally(articles=articles, comments=sum(headline.comment_count for headline in listed))


def _without(claim: Tally, listed: list[Headline], suppressed: frozenset[str]) -> Tally:
    left_out = [headline.comment_count for headline in listed if headline.external_id in suppressed]
    return Tally(articles=claim.articles - len(left_out), comments=claim.comments - sum(left_out))


def _gap(what: str, expected: int, held: int) -> str | None:
    if held < expected:
        return f"short by {expected - held} {what} of {expected}"
    return f"{held - expected} {what} more than the {expected} expected" if held > expected else None


def _is_short(row: PageState) -> bool:
    return row.state in {"failed", "short"} or differs(row)
