"""An article and its comments on the terminal, and as JSON."""

from rich.console import Console

from ingest.decide.changes.content import ArticleContent, CommentContent
from ingest.decide.changes.model import FormerContent, StoredRow
from ingest.records.json_output import Json, instant, place_in_thread
from ingest.store.articles.history import ArticleHistory, CommentHistory


def print_thread(console: Console, found: ArticleHistory) -> None:
    """Print the article, then its comments by number, then what was before."""
    row = found.article.row
    content = row.content
    lines = [
        content.title or "(no title)",
        _joined(content.category, content.section_name, content.label),
        _joined(f"posted by {content.posted_by}" if content.posted_by else None, content.posted_local),
        content.link or "",
        "",
        content.text,
    ]
    for line in lines:
        _put(console, line)
    _state(console, row)
    for comment in sorted(found.comments, key=_rank):
        _print_comment(console, comment)
    for former in found.versions:
        _put(console, "")
        _put(console, f"{_span(former)} the article said: {former.content.title}")
        _put(console, former.content.text)


def _rank(comment: CommentHistory) -> tuple[int, int]:
    """By the site's number; where it prints none, by the place in the thread."""
    content = comment.row.content
    return content.number or content.position or 0, comment.row.row_id


def _numbered(content: CommentContent) -> str:
    return f"#{content.number} " if content.number is not None else ""


def _print_comment(console: Console, comment: CommentHistory) -> None:
    content = comment.row.content
    _put(console, "")
    _put(console, f"{_numbered(content)}{content.author or '(nobody)'} {content.posted_local}")
    _put(console, content.text)
    _state(console, comment.row)
    for former in comment.versions:
        before = former.content
        was = f"it was {_numbered(before)}by {before.author or '(nobody)'}: {before.text}"
        _put(console, f"   {_span(former)} {was}")


def _state(console: Console, row: StoredRow[ArticleContent] | StoredRow[CommentContent]) -> None:
    if row.vanished_at is not None:
        _put(console, f"   vanished by {instant(row.vanished_at)}")


def _span(former: FormerContent[ArticleContent] | FormerContent[CommentContent]) -> str:
    return f"from {instant(former.valid_from)} to {instant(former.valid_to)}"


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _put(console: Console, line: str) -> None:
    shown = "".join(c if c.isprintable() else " " for c in line)
    console.print(shown, markup=False, emoji=False, soft_wrap=not console.is_terminal)


def thread_json(found: ArticleHistory) -> Json:
    """The same as JSON, with every field, the markup and the versions."""
    article = found.article
    return {
        "source": found.source,
        "external_id": article.external_id,
        "views": article.views,
        **_row(article.row),
        "versions": [_version(former) for former in found.versions],
        "comments": [
            {
                "external_id": comment.row.external_id,
                **_row(comment.row),
                "versions": [_version(former) for former in comment.versions],
            }
            for comment in found.comments
        ],
    }


def _row(row: StoredRow[ArticleContent] | StoredRow[CommentContent]) -> Json:
    return {
        **_content(row.content),
        "first_seen_at": instant(row.first_seen_at),
        "last_seen_at": instant(row.last_seen_at),
        "vanished_at": instant(row.vanished_at),
        "capture": row.origin.capture_id,
        "parser": row.origin.parser,
        "revision": row.origin.revision,
    }


def _version(former: FormerContent[ArticleContent] | FormerContent[CommentContent]) -> Json:
    return {
        **_content(former.content),
        "valid_from": instant(former.valid_from),
        "valid_to": instant(former.valid_to),
    }


def _content(content: ArticleContent | CommentContent) -> Json:
    values = {name: getattr(content, name) for name in content.__dataclass_fields__}
    if isinstance(content, ArticleContent):
        values["date"] = content.date.isoformat()
    else:
        place = place_in_thread(values.pop("position"), values.pop("parent_external_id"))
        values |= place
    return values | {"posted_at": instant(content.posted_at)}
