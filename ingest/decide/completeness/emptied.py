"""A day that had articles and shows none, as a site also does while its own database is down. Pure.

an empty page -> the day is doubtful, and nothing vanishes
another one, at least a day after the first and nothing seen between -> the day is empty
the operator accepts it -> the day is empty from the first of these pages on
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from ingest.decide.changes.model import Stored
from ingest.decide.completeness.counters import agreement
from ingest.records.pages import DayKnown, Emptying
from parsers.records import ParsedPage

# An outage of the site's database is over within a day, as a rule.
CONFIRMED_AFTER = timedelta(days=1)


def emptied(page: ParsedPage, held: Stored, known: Emptying, captured_at: datetime) -> tuple[str, ...]:
    """Why an empty page is not taken as proof; no reasons if it is, or if the page is not empty.

    ``held`` is the page's day before the page is loaded.
    """
    sightings = _sightings(held, page.date)
    if not _shows_nothing(page) or not sightings:
        return ()
    since = _since(known, sightings, captured_at)
    # What the operator accepted is these pages, and not an emptiness of later on.
    accepted = known.accepted_at is not None and since <= known.accepted_at <= captured_at
    if accepted or captured_at - since >= CONFIRMED_AFTER:
        return ()
    return (f"the day shows no articles, and {len(sightings)} are held: it was empty for less than a day",)


def emptying_after(
    page: ParsedPage, held: Stored, known: Emptying, captured_at: datetime, *, newest: bool
) -> Emptying:
    """The day's new state of emptiness once the section page is loaded.

    ``newest``: no page of the day is newer, nor of the same moment and behind it in the order of captures.
    """
    if page.headlines or page.articles:
        over = known.since is not None and (captured_at, newest) >= (known.since, True)
        return replace(known, since=None) if over else known
    sightings = _sightings(held, page.date)
    # A page that disagrees with its own counters is no proof of an empty day.
    if newest and sightings and _shows_nothing(page) and not agreement(page):
        return replace(known, since=_since(known, sightings, captured_at))
    return known


def empty_since(held: Stored, day: date, known: Emptying) -> datetime | None:
    """Since when the day shows none of the articles that are held of it; None if it shows some."""
    return known.since if _sightings(held, day) else None


def is_newest(known: DayKnown, captured_at: datetime, *, superseded: bool) -> bool:
    """Whether no visit is newer; ``superseded``: a capture of the same moment comes behind it."""
    visits = [page.visited_at for page in known.pages.values() if page.visited_at is not None]
    return not superseded and max(visits, default=captured_at) <= captured_at


def _shows_nothing(page: ParsedPage) -> bool:
    return page.can_be_complete and not page.headlines and not page.articles


def _sightings(held: Stored, day: date) -> list[datetime]:
    """When each of the day's live articles was last seen; one of another day, when first seen here."""
    found = []
    for known in held.articles.values():
        places = [place.first_seen_at for place in known.elsewhere if place.day == day]
        moments = [known.row.last_seen_at] if known.row.content.date == day else places
        if known.row.live and known.external_id not in held.suppressed_articles:
            found += moments[:1]
    return found


def _since(known: Emptying, sightings: list[datetime], captured_at: datetime) -> datetime:
    """Since when the day is empty: what a page of any kind showed after its first empty page ends that."""
    # An article that was seen after the first empty page: the day was not empty all the time.
    lasts = known.since is not None and max(sightings) < known.since
    return min(known.since, captured_at) if lasts and known.since is not None else captured_at
