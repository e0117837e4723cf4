"""Parsed pages for tests, with only what the test is about spelt out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from parsers.records import Article, Comment, Counters, Headline, ParsedPage

DAY = date(2021, 5, 4)
NOON = datetime(2021, 5, 4, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    """An instant some hours after noon of the day."""
    return NOON + timedelta(hours=hours)


def comment(external_id: str | None, number: int = 1, **fields: Any) -> Comment:
    plain: dict[str, Any] = {
        "author": f"reader {number}",
        "posted_at": NOON - timedelta(minutes=60 - number),
        "posted_local": f"2021-05-04T07:{number:02}",
        "text": f"remark {number}",
        "html": None,
    }
    return Comment(number=number, external_id=external_id, **(plain | fields))


def article(external_id: str = "100", comments: Iterable[Comment] = (), **fields: Any) -> Article:
    plain: dict[str, Any] = {
        "date": DAY,
        "section": 1,
        "section_name": "Harbour",
        "category": "Boats",
        "title": f"Title of {external_id}",
        "link": f"https://news.example/{external_id}",
        "outlet": None,
        "posted_by": "Editor",
        "posted_at": NOON,
        "posted_local": "2021-05-04T08:00",
        "label": "Ferries",
        "views": 7,
        "text": "A boat came in.",
        "text_original": None,
        "html": None,
    }
    return Article(external_id=external_id, comments=tuple(comments), **(plain | fields))


def headline(external_id: str, section: int = 1, comment_count: int = 0, last: str | None = None) -> Headline:
    return Headline(
        external_id=external_id,
        section=section,
        category="Boats",
        title=f"Title of {external_id}",
        comment_count=comment_count,
        last_comment_id=last,
        last_comment_time=None,
        last_comment_author=None,
        views=7,
    )


def headline_of(one: Article) -> Headline:
    last = one.comments[-1].external_id if one.comments else None
    return headline(one.external_id, one.section or 1, len(one.comments), last)


def section_page(
    articles: Iterable[Article] = (),
    *,
    others: Iterable[Headline] = (),
    sections: Mapping[int, int] | None = None,
    **fields: Any,
) -> ParsedPage:
    """A section page whose headlines and counters agree with what it shows."""
    shown = tuple(articles)
    headlines = (*(headline_of(one) for one in shown), *others)
    counted = sections if sections is not None else {row.section: 0 for row in headlines}
    if sections is None:
        counted = {number: sum(row.section == number for row in headlines) for number in counted}
    page = ParsedPage(
        source="harbour",
        kind="section",
        url="https://harbour.example/?D=05/04/2021&HC=1&SO=",
        date=DAY,
        section=1,
        articles=shown,
        headlines=headlines,
        counters=Counters(
            articles_today=len(headlines),
            comments_today=sum(row.comment_count for row in headlines),
            sections=counted,
        ),
        truncated=False,
        silent_on=frozenset(),
        encoding="utf-8",
        encoding_from="utf-8",
        repaired=0,
        replaced=0,
        parser="harbour",
        revision=1,
    )
    return replace(page, **fields)


def comments_page(one: Article, silent_on: Iterable[str] = (), **fields: Any) -> ParsedPage:
    """A page of one article, which knows neither headlines nor counters."""
    return section_page(
        [one],
        kind="comments",
        section=None,
        headlines=(),
        counters=Counters(sections={}),
        silent_on=frozenset(silent_on),
        **fields,
    )
