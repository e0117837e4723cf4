"""How it stands with the sections of a day once one of its pages is loaded. Pure."""

from dataclasses import replace

from ingest.ledger import DayKnown, PageState, Tally
from ingest.verify import expected, judge
from parsers.records import ParsedPage

NOTHING = Tally(articles=0, comments=0)


def standings(page: ParsedPage, known: DayKnown, *, doubts: tuple[str, ...]) -> dict[int, PageState]:
    """The ledger row of every section that a section page tells of, by section.

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


def _tallies(page: ParsedPage, known: DayKnown) -> dict[int, Tally]:
    """What is held of each section, without articles that the catalogue lists elsewhere: they have moved."""
    listed = {headline.external_id: headline.section for headline in page.headlines}
    tallies: dict[int, Tally] = {}
    for article in known.articles.values():
        section = article.section
        if section is not None and listed.get(article.external_id, section) == section:
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
    if section == page.section or claim == held == NOTHING:
        verdict = judge(claim, held, doubts)
        return replace(state, state=verdict.state, last_error=verdict.last_error)
    if before is None:
        return state
    # Only a page of its own can clear a section that failed or is short.
    still = before.state if before.state != "done" or claim == held else "pending"
    return replace(state, state=still, attempts=before.attempts, last_error=before.last_error)
