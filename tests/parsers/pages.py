"""Invented pages with their true answers, for tests of the first source's parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingest.records.json_output import answer_of
from parsers.records import ParsedPage
from parsers.registry import source_named
from tests.site.cases.fixture import article_url, comments_url, section_url
from tests.site.invent import invented_day
from tests.site.model import Article, Comment, Day
from tests.site.pieces import Body, Text
from tests.site.render import article_page, comments_page, comments_text, encoded, section_page
from tests.site.truth import Answer, article_answer, comments_answer, rendition_answer, section_answer

CAPTURED_AT = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = source_named("rantburg")
DAY = date(2018, 3, 23)
BARGE = (Text("A barge came by."),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A page's markup, its address, and what a perfect parser says of it."""

    kind: str
    markup: str
    url: str
    answer: Answer


def parse(page: str | bytes, url: str, content_type: str | None = "text/html") -> ParsedPage:
    """The page as the first source's pack reads it."""
    body = encoded(page) if isinstance(page, str) else page
    return SOURCE.parse(body, url=url, captured_at=CAPTURED_AT, content_type=content_type)


def answered(page: str | bytes, url: str, content_type: str | None = "text/html") -> Answer:
    """The same as ``thresher parse`` prints it."""
    return answer_of(parse(page, url, content_type))


def day_of(seed: int) -> Day:
    """Another day for each seed, some months after the one before, with other ids."""
    return invented_day(
        date(2002, 1, 1) + timedelta(days=seed * 97),
        articles={1: 3 + seed % 3, 2: 2, 3: 1 + seed % 2, 4: seed % 2, 6: 1},
        comments=9 + seed % 7,
        first_article=400_000 + 50 * seed,
        first_comment=3_000_000 + 700 * seed,
    )


def pages_of(day: Day, *, threads: int = 2) -> Iterator[Invented]:
    """A day's pages: its sections, and the article and comments pages of its first articles."""
    for section in sorted({article.section for article in day.articles}):
        url = section_url(day.day, section)
        yield Invented(
            kind="section",
            markup=section_page(day, section),
            url=url,
            answer=section_answer(day, section, url=url),
        )
    for article in day.articles[:threads]:
        yield from _thread_pages(day, article)


def _thread_pages(day: Day, article: Article) -> Iterator[Invented]:
    one, section = article.external_id, article.section
    url = article_url(day.day, one, section)
    answer = article_answer(day, one, url=url, section=section)
    yield Invented(kind="article", markup=article_page(day, one), url=url, answer=answer)
    url = comments_url(day.day, one, section)
    answer = comments_answer(day, one, url=url, section=section)
    yield Invented(kind="comments", markup=comments_page(day, one), url=url, answer=answer)
    answer = rendition_answer(day, one, url=url, section=section)
    yield Invented(kind="rendition", markup=comments_text(day, one), url=url, answer=answer)


def remark(number: int, *, external_id: str = "", posted: datetime | None = None, body: Body = ()) -> Comment:
    """A plain comment, posted some minutes after noon."""
    return Comment(
        external_id=external_id or str(4_000_000 + 7 * number),
        author=f"reader {number}",
        posted=posted or datetime(2018, 3, 23, 12, number),
        body=body or (Text(f"remark {number}"),),
    )


def story(*comments: Comment, body: Body = BARGE, external_id: str = "510764") -> Article:
    """A plain article of section 1 with these comments."""
    return Article(
        external_id=external_id,
        section=1,
        category="Bridges",
        title="Barge",
        link="https://news.example/barge",
        posted_by="Tiller",
        posted=datetime(2018, 3, 23, 1, 35),
        label="",
        views=3,
        body=body,
        comments=comments,
    )


def day_with(*articles: Article) -> Day:
    """A day of these articles."""
    return Day(day=DAY, articles=articles)


def shown_on(day: Day) -> tuple[str, str]:
    """The markup and the address of section 1 of a day."""
    return section_page(day, 1), section_url(day.day, 1)
