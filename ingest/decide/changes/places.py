"""Where the site lists an article: at home, which its content names, and perhaps at other places too.

Home is where the article was first seen. It stays so while the row is live and home lists it: a page that
shows the article at another place, of that day or of another, adds that place and changes nothing of what
the article says. A place is gone once a newer complete page of its day does not list the article there. An
article that its home does not list any more moves to the first of its other places, as one modification;
it vanishes if it has none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from ingest.decide.changes.content import ArticleContent, article_content
from ingest.decide.changes.matching import Listing
from ingest.decide.changes.model import Place, PlaceChanges, PlaceOf, Stored, StoredArticle
from ingest.decide.changes.rows import Reading
from parsers.records import Article, ParsedPage


def at_home(page: ParsedPage, article: Article, known: StoredArticle | None) -> ArticleContent:
    """What the page says of an article, with the home that it keeps."""
    content = article_content(article)
    # Unknown, or let go by its home: then this page is where it is at home.
    if known is None or not _stays(page, article.external_id, known):
        return content
    home = known.row.content
    return replace(content, date=home.date, section=home.section, section_name=home.section_name)


def heirs(
    page: ParsedPage, held: Stored, captured_at: datetime, reading: Reading
) -> list[Listing[ArticleContent]]:
    """The articles that a complete page no longer lists at home, each at another of its places."""
    found = []
    for known in _homeless(page, held, captured_at, reading):
        place = _heir(page, known, captured_at, reading)
        if place is not None:
            content = replace(
                known.row.content,
                date=place.day,
                section=place.section,
                section_name=place.section_name,
            )
            found.append(
                Listing(
                    article=known.external_id,
                    external_id=known.external_id,
                    content=content,
                    held=known.row,
                )
            )
    return found


def place_changes(
    page: ParsedPage,
    shown: Iterable[Article],
    held: Stored,
    captured_at: datetime,
    reading: Reading,
    *,
    proves_absence: bool,
) -> PlaceChanges:
    """The places that the page adds and, if it is complete, those that are gone."""
    # Places that an older page adds may be gone by now.
    newest = [article for article in shown if _is_newest(held, article, captured_at, reading)]
    gone = set(_moved_into(page, newest, held))
    if proves_absence:
        for known in held.articles.values():
            unlisted = set(known.elsewhere) - set(_still(page, known, captured_at, reading))
            gone |= {(known.external_id, place) for place in unlisted}
        for known in _homeless(page, held, captured_at, reading):
            place = _heir(page, known, captured_at, reading)
            gone |= {(known.external_id, place)} if place is not None else set()
    listed = _added(page, newest, held, captured_at)
    return PlaceChanges(listed=tuple(listed), gone=tuple(sorted(gone)))


def _is_newest(held: Stored, article: Article, captured_at: datetime, reading: Reading) -> bool:
    """Whether the page is the newest that shows the article: an older one knows less of its places."""
    known = held.articles.get(article.external_id)
    return known is None or reading.is_up_to_date(known.row.last_seen_at, captured_at)


def _stays(page: ParsedPage, external_id: str, known: StoredArticle) -> bool:
    home = known.row.content
    # A row that had vanished has lost its home.
    if not page.can_be_complete or not known.row.live or home.section is None:
        return False
    if (home.date, home.section) == (page.date, page.section):
        return False
    # Of another day than its own a page knows nothing.
    return home.date != page.date or (external_id, home.section) in _catalogue(page)


def _added(
    page: ParsedPage, shown: Iterable[Article], held: Stored, captured_at: datetime
) -> Iterator[PlaceOf]:
    # Only a page that lists a section says that it stands there.
    if not page.can_be_complete or page.section is None:
        return
    for article in shown:
        known = held.articles.get(article.external_id)
        content = at_home(page, article, known)
        here = Place(
            day=page.date,
            section=page.section,
            section_name=article_content(article).section_name,
            first_seen_at=captured_at,
        )
        is_home = content.section is None or (content.date, content.section) == (here.day, here.section)
        if not is_home and (known is None or here not in known.elsewhere):
            yield article.external_id, here


def _moved_into(page: ParsedPage, shown: Iterable[Article], held: Stored) -> Iterator[PlaceOf]:
    """The places that are homes from now on."""
    for article in shown:
        known = held.articles.get(article.external_id)
        if known is not None and known.elsewhere:
            content = at_home(page, article, known)
            for place in known.elsewhere:
                if (place.day, place.section) == (content.date, content.section):
                    yield article.external_id, place


def _homeless(
    page: ParsedPage, held: Stored, captured_at: datetime, reading: Reading
) -> Iterator[StoredArticle]:
    listed = {external_id for external_id, _ in _catalogue(page)} | held.suppressed_articles
    for known in held.articles.values():
        leaves = known.row.live and reading.proves_gone(known.row.last_seen_at, captured_at)
        if leaves and known.row.content.date == page.date and known.external_id not in listed:
            yield known


def _heir(page: ParsedPage, known: StoredArticle, captured_at: datetime, reading: Reading) -> Place | None:
    # By day and section: whichever page is read first, the heir is the same.
    return min(
        _still(page, known, captured_at, reading), key=lambda place: (place.day, place.section), default=None
    )


def _still(
    page: ParsedPage, known: StoredArticle, captured_at: datetime, reading: Reading
) -> Iterator[Place]:
    catalogue = _catalogue(page) if known.elsewhere else frozenset()
    for place in known.elsewhere:
        # A page from before the place was seen says nothing of it, nor does one of another day.
        older = not reading.proves_gone(place.first_seen_at, captured_at)
        if older or place.day != page.date or (known.external_id, place.section) in catalogue:
            yield place


def _catalogue(page: ParsedPage) -> frozenset[tuple[str, int | None]]:
    listed = {(headline.external_id, headline.section) for headline in page.headlines}
    return frozenset(listed | {(article.external_id, article.section) for article in page.articles})
