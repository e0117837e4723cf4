"""What a search found, on the terminal and as JSON."""

from rich.console import Console
from rich.text import Text

from ingest.cli.plain_text import safe
from ingest.records.json_output import Json, instant
from ingest.records.search import Found, FoundRow

Marks = tuple[tuple[int, int], ...]
MARKED = "bold yellow"


def print_found(console: Console, found: Found) -> None:
    """Print each row: what it is, its article's title, the words around those that were found, its page."""
    for number, row in enumerate(found.rows):
        if number:
            console.print()
        console.print(safe(_heading(row)), style="dim", soft_wrap=True)
        for text, marks in ((row.title or "(no title)", row.title_marks), (row.excerpt, row.marks)):
            console.print(_marked(text, marks), soft_wrap=True)
        console.print(safe(row.url), style="dim", soft_wrap=True)


def _heading(row: FoundRow) -> str:
    kind = f"article {row.article}" if row.kind == "article" else _comment(row)
    by = row.author or "(nobody)"
    parts = (row.source, kind, by, row.posted_local or str(row.day), "vanished" if row.vanished else "")
    return " · ".join(part for part in parts if part)


def _comment(row: FoundRow) -> str:
    number = f"#{row.number} " if row.number is not None else ""
    return f"comment {number}{row.comment or '(no id)'} of article {row.article}"


def _marked(text: str, marks: Marks) -> Text:
    # One character for one: the marks stay where they are.
    shown = safe(text)
    for begin, end in marks:
        shown.stylize(MARKED, begin, end)
    return shown


def found_json(found: Found) -> Json:
    """Stable keys; ``marks`` are where words that were found begin and end, in characters."""
    return {"total": found.total, "more": found.more, "rows": [_row(row) for row in found.rows]}


def _row(row: FoundRow) -> Json:
    return {
        "kind": row.kind,
        "source": row.source,
        "article": row.article,
        "comment": row.comment,
        "number": row.number,
        "author": row.author,
        "date": row.day.isoformat(),
        "posted_at": instant(row.posted_at),
        "posted_local": row.posted_local,
        "title": row.title,
        "title_marks": [list(mark) for mark in row.title_marks],
        "excerpt": row.excerpt,
        "marks": [list(mark) for mark in row.marks],
        "url": row.url,
        "vanished": row.vanished,
        "rank": row.rank,
    }
