"""A fixture: a page byte for byte, where it came from, and the answer that is right for it."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tests.site.model import Day
from tests.site.render import article_page, comments_page, comments_text, encoded, section_page
from tests.site.truth import (
    Answer,
    article_answer,
    comments_answer,
    printed,
    rendition_answer,
    section_answer,
)

BASE = "http://www.rantburg.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One folder of ``fixtures/rantburg``; it has an answer or an error, never both."""

    name: str
    why: str
    page: bytes
    url: str
    day: date
    answer: Answer | None = None
    error: str | None = None
    field: str | None = None
    content_type: str | None = "text/html"

    def files(self) -> dict[str, bytes]:
        """The folder's files by name."""
        page = "page.txt" if self.content_type == "text/plain" else "page.html"
        if self.answer is not None:
            said, judged = "answer.json", printed(self.answer)
        else:
            said, judged = "error.json", _json({"error": self.error, "field": self.field})
        return {page: self.page, "meta.json": _json(self._meta()).encode(), said: judged.encode()}

    def _meta(self) -> dict[str, str | None]:
        noon_after = datetime.combine(self.day + timedelta(days=1), time(12), UTC)
        return {
            "url": self.url,
            "captured_at": noon_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "content_type": self.content_type,
            "why": self.why,
        }


def section_url(day: date, section: int) -> str:
    """A section page's address as the site links it."""
    return f"{BASE}?D={day:%m/%d/%Y}&HC={section}&SO="


def article_url(day: date, article_id: str, section: int) -> str:
    """An article page's address as the site links it."""
    return f"{BASE}poparticle.php?D={day}&ID={article_id}&HC={section}"


def comments_url(day: date, article_id: str, section: int) -> str:
    """A comments page's address as the site links it."""
    return f"{BASE}comments.php?D={day}&ID={article_id}&HC={section}"


def on_section_page(name: str, why: str, day: Day, *, section: int = 1) -> Fixture:
    """A section page in UTF-8, as the site served it in 2018."""
    url = section_url(day.day, section)
    return Fixture(
        name=name,
        why=why,
        page=encoded(section_page(day, section)),
        url=url,
        day=day.day,
        answer=section_answer(day, section, url=url),
    )


def on_article_page(name: str, why: str, day: Day) -> Fixture:
    """The article page of a day's first article."""
    article = day.articles[0]
    url = article_url(day.day, article.external_id, article.section)
    return Fixture(
        name=name,
        why=why,
        page=encoded(article_page(day, article.external_id)),
        url=url,
        day=day.day,
        answer=article_answer(day, article.external_id, url=url, section=article.section),
    )


def on_comments_page(name: str, why: str, day: Day) -> Fixture:
    """The comments page of a day's first article."""
    article = day.articles[0]
    url = comments_url(day.day, article.external_id, article.section)
    return Fixture(
        name=name,
        why=why,
        page=encoded(comments_page(day, article.external_id)),
        url=url,
        day=day.day,
        answer=comments_answer(day, article.external_id, url=url, section=article.section),
    )


def in_rendition(name: str, why: str, day: Day) -> Fixture:
    """The text rendition of the comments page of a day's first article."""
    article = day.articles[0]
    url = comments_url(day.day, article.external_id, article.section)
    return Fixture(
        name=name,
        why=why,
        page=encoded(comments_text(day, article.external_id)),
        url=url,
        day=day.day,
        answer=rendition_answer(day, article.external_id, url=url, section=article.section),
        content_type="text/plain",
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
