"""The truth of a day as ``thresher parse`` prints it: the accepted answers, made without any parser."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.site.model import Article, Comment, Day
from tests.site.pieces import one_line, original_of, shown_in

ZONE = ZoneInfo("America/New_York")
REVISION = 2

Answer = dict[str, object]

UNSAID_ON_COMMENTS_PAGES: Answer = {"label": None, "views": None, "posted_at": None, "posted_local": None}


def section_answer(day: Day, section: int, *, url: str) -> Answer:
    """What a section page says: its articles, the day's headlines, the site's counters."""
    return _page(
        day,
        url,
        kind="section",
        parser="rantburg.section",
        articles=[_on_section_page(day, article) for article in day.of_section(section)],
        headlines=[_headline(article) for of in sorted(day.names) for article in day.of_section(of)],
        counters=_counters(day),
    )


def cut_section_answer(day: Day, section: int, *, url: str, whole: Mapping[str, int]) -> Answer:
    """What a section page without a foot says; ``whole`` are the articles and how many comments each kept."""
    answer = section_answer(day, section, url=url)
    kept: list[Answer] = []
    for article in day.of_section(section):
        if article.external_id in whole:
            shown = _on_section_page(day, article)
            shown["comments"] = _comments(article)[: whole[article.external_id]]
            kept.append(shown)
    counters = {**_counters(day), "sections": {str(section): len(day.of_section(section))}}
    return {**answer, "articles": kept, "counters": counters}


def article_answer(day: Day, article_id: str, *, url: str, section: int | None) -> Answer:
    """What an article page says; ``section`` is the address's, and the page names none."""
    shown = _article(day, day.article(article_id))
    shown.update(section=section, section_name=None)
    return _page(day, url, kind="article", parser="rantburg.article", articles=[shown])


def comments_answer(day: Day, article_id: str, *, url: str, section: int | None) -> Answer:
    """What a comments page says: no label, views or posting time of the article."""
    shown = {**_article(day, day.article(article_id)), "section": section, **UNSAID_ON_COMMENTS_PAGES}
    return _page(day, url, kind="comments", parser="rantburg.comments", articles=[shown])


def rendition_answer(day: Day, article_id: str, *, url: str, section: int | None) -> Answer:
    """What the text rendition of a comments page says: no links, and ids only from the address."""
    article = day.article(article_id)
    shown = {**_article(day, article), "section": section, **UNSAID_ON_COMMENTS_PAGES}
    shown.update(link=None, text_original=None, outlet=outlet_in(shown_in(article.body)))
    shown["comments"] = [{**comment, "external_id": None} for comment in _comments(article)]
    return _page(day, url, kind="comments", parser="rantburg.comments_text", articles=[shown])


def outlet_in(text: str) -> str | None:
    """The words in the brackets that open a text, or None."""
    for opens, closes in ("[]", "()"):
        if text.startswith(opens) and closes in text:
            return text[1 : text.index(closes)].strip() or None
    return None


def in_utc(local: datetime) -> str:
    """The instant of a wall clock's time; ``fold`` tells the two times of a repeated hour apart."""
    return local.replace(tzinfo=ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def printed(answer: Answer) -> str:
    """An answer as the text of a golden file."""
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def _page(
    day: Day,
    url: str,
    *,
    kind: str,
    parser: str,
    articles: list[Answer],
    headlines: list[Answer] | None = None,
    counters: Answer | None = None,
) -> Answer:
    return {
        "source": "rantburg",
        "kind": kind,
        "url": url,
        "date": day.day.isoformat(),
        "articles": articles,
        "headlines": headlines or [],
        "counters": counters
        or {
            "articles": None,
            "comments": None,
            "articles_today": None,
            "comments_today": None,
            "sections": {},
        },
        "parser": parser,
        "revision": REVISION,
    }


def _counters(day: Day) -> Answer:
    return {
        "articles": day.articles_archived,
        "comments": day.comments_archived,
        "articles_today": day.articles_today,
        "comments_today": day.comments_today,
        "sections": {str(of): len(day.of_section(of)) for of in sorted(day.names)},
    }


def _on_section_page(day: Day, article: Article) -> Answer:
    shown = _article(day, article)
    shown["section_name"] = day.names[article.section] or None
    return shown


def _article(day: Day, article: Article) -> Answer:
    original = original_of(article.body)
    return {
        "external_id": article.external_id,
        "date": day.day.isoformat(),
        "section": article.section,
        "section_name": None,
        "category": article.category,
        "title": one_line(article.title),
        "link": article.link or None,
        "outlet": outlet_in(original),
        "posted_by": article.posted_by.strip(),
        "posted_at": in_utc(article.posted),
        "posted_local": f"{article.posted:%Y-%m-%dT%H:%M}",
        "label": one_line(article.label) or None,
        "views": article.views,
        "text": shown_in(article.body),
        "text_original": original,
        "comments": _comments(article),
    }


def _comments(article: Article) -> list[Answer]:
    return [_comment(number, comment) for number, comment in enumerate(article.comments, 1)]


def _comment(number: int, comment: Comment) -> Answer:
    return {
        "number": number,
        "external_id": comment.external_id,
        "author": comment.author.strip(),
        "posted_at": in_utc(comment.posted),
        "posted_local": f"{comment.posted:%Y-%m-%dT%H:%M}",
        "text": shown_in(comment.body),
    }


def _headline(article: Article) -> Answer:
    last = article.comments[-1] if article.comments else None
    return {
        "external_id": article.external_id,
        "section": article.section,
        "category": article.category,
        "title": one_line(article.title),
        "comment_count": len(article.comments),
        "last_comment_id": last.external_id if last else None,
        "last_comment_time": f"{last.posted:%H:%M}" if last else None,
        "last_comment_author": last.author.strip() if last else None,
        "views": article.views,
    }
