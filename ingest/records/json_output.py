"""A parsed page as the JSON object that ``thresher parse`` prints. Its keys are a contract."""

from datetime import UTC, datetime

from parsers.records import Article, Comment, Counters, Headline, ParsedPage, Part

Json = dict[str, object]


def answer_of(page: ParsedPage) -> Json:
    """The page as JSON values: ids are strings, days ``2018-03-23``, instants ``2018-03-23T05:35:00Z``."""
    return {
        "source": page.source,
        "kind": page.kind,
        "url": page.url,
        "date": page.date.isoformat() if page.dated else None,
        "articles": [article_json(article) for article in page.articles],
        "headlines": [_headline(headline) for headline in page.headlines],
        "counters": _counters(page.counters),
        "parser": page.parser,
        "revision": page.revision,
        **(_part(page, page.part) if page.part is not None else {}),
    }


def instant(moment: datetime | None) -> str | None:
    """An aware datetime as UTC with a Z, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None


def article_json(article: Article) -> Json:
    """An article with its comments."""
    return {
        "external_id": article.external_id,
        "date": article.date.isoformat(),
        "section": article.section,
        "section_name": article.section_name,
        "category": article.category,
        "title": article.title,
        "link": article.link,
        "outlet": article.outlet,
        "posted_by": article.posted_by,
        "posted_at": instant(article.posted_at),
        "posted_local": article.posted_local,
        "label": article.label,
        "views": article.views,
        "text": article.text,
        "text_original": article.text_original,
        "comments": [_comment(comment) for comment in article.comments],
    }


def _comment(comment: Comment) -> Json:
    return {
        "number": comment.number,
        "external_id": comment.external_id,
        "author": comment.author,
        "posted_at": instant(comment.posted_at),
        "posted_local": comment.posted_local,
        "text": comment.text,
        **place_in_thread(comment.position, comment.parent_external_id),
    }


def place_in_thread(position: int | None, parent: str | None) -> Json:
    """A comment's rank and what it replies to, where its site tells either."""
    if position is None and parent is None:
        return {}
    return {"position": position, "parent_external_id": parent}


def _part(page: ParsedPage, part: Part) -> Json:
    """The list that the page is a part of, and what it claims of the threads that it lists."""
    return {
        "list": {
            "thread": part.thread,
            "first": part.first,
            "rows": len(part.ids),
            "total": part.total,
            "ends": part.ends,
        },
        "claims": [
            {"thread": claim.thread, "comments": claim.comments, "mark": claim.mark} for claim in page.claims
        ],
    }


def _headline(headline: Headline) -> Json:
    return {
        "external_id": headline.external_id,
        "section": headline.section,
        "category": headline.category,
        "title": headline.title,
        "comment_count": headline.comment_count,
        "last_comment_id": headline.last_comment_id,
        "last_comment_time": headline.last_comment_time,
        "last_comment_author": headline.last_comment_author,
        "views": headline.views,
    }


def _counters(counters: Counters) -> Json:
    return {
        "articles": counters.articles,
        "comments": counters.comments,
        "articles_today": counters.articles_today,
        "comments_today": counters.comments_today,
        "sections": {str(section): count for section, count in sorted(counters.sections.items())},
    }
