"""Small days for the cases: one or two short articles, whose traps the case brings."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.site.invent import name, sentence, title
from tests.site.model import Article, Comment, Day
from tests.site.pieces import Body, Outlet, Text, paragraphs


def short_article(
    number: int, day: date, *, comments: int | tuple[Comment, ...] = 1, **changes: Any
) -> Article:
    """An article of two sentences with these comments, or so many; ``changes`` are other fields of it."""
    midnight = datetime(day.year, day.month, day.day)
    if isinstance(comments, int):
        places = range(1, comments + 1)
        comments = tuple(
            remark(number * 10 + place, midnight + timedelta(hours=3 * place)) for place in places
        )
    article = Article(
        external_id=str(510_000 + number),
        section=1,
        category="Bridges",
        title=title(number),
        link=f"https://news.example/{day:%Y/%m/%d}/{number}",
        posted_by="Fen Reeve",
        posted=midnight + timedelta(minutes=number % 60),
        label="Lock Keepers (LK)",
        views=number % 97,
        body=paragraphs((Outlet("HedgeRow"), Text(sentence(number))), sentence(number + 300)),
        comments=comments,
    )
    return replace(article, **changes)


def remark(number: int, posted: datetime, body: str | Body | None = None, **changes: Any) -> Comment:
    """A comment; without words it has an invented sentence, without an author an invented name."""
    words = sentence(number + 600) if body is None else body
    comment = Comment(
        external_id=str(4_030_000 + number),
        author=name(number),
        posted=posted,
        body=(Text(words),) if isinstance(words, str) else words,
    )
    return replace(comment, **changes)


def day_of(*articles: Article, **changes: Any) -> Day:
    """The day of some articles, of the first one's date."""
    count = sum(len(article.comments) for article in articles)
    first = articles[0]
    day = Day(
        day=first.posted.date(),
        articles=articles,
        articles_archived=int(first.external_id) - 120_000,
        comments_archived=1_398_000 + count,
    )
    return replace(day, **changes)
