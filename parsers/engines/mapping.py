"""What an engine's page says, as the values that every source hands on."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from hashlib import sha256

from parsers.engines.moments import WITH_A_CLOCK
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment, Entry, Moment
from parsers.errors import FieldMissing, ParseError
from parsers.records import (
    Article,
    Comment,
    Counters,
    PageKind,
    ParsedPage,
    Part,
    ThreadClaim,
    Unreadable,
    changed,
)
from parsers.source import Site

APART = frozenset({"action", "pingback"})
"""What stands among the comments and is none."""

STUB = frozenset(
    f"article.{name}"
    for name in (
        *("date", "section", "section_name", "category", "title", "link", "outlet", "posted_by", "posted_at"),
        *("posted_local", "label", "views", "text", "text_original", "html"),
    )
)
"""The fields of an article that was only named, so that its comments have one."""

# No such software has them: None is "not shown" there, and never "shown to be empty".
NEVER = frozenset({"article.outlet", "article.label", "article.section_name", "article.category"})
NO_COUNTERS = Counters(sections={})


def comment_of(shown: EngineComment, raw: RawPage) -> Comment:
    """A comment with everything that is required of one.

    Raises:
        FieldMissing: its id or its time is absent.
    """
    if shown.external_id is None:
        raise FieldMissing("comment.external_id", raw.url)
    at, local = _instant(shown.posted, raw, f"comment {shown.external_id}")
    return Comment(
        number=shown.number,
        external_id=shown.external_id,
        author=shown.author,
        posted_at=at,
        posted_local=local,
        text=shown.text,
        html=shown.html,
        parent_external_id=shown.parent_external_id,
        parent_number=shown.parent_number if shown.parent_external_id is None else None,
    )


def comments_of(
    shown: Iterable[EngineComment], raw: RawPage, article: str | None
) -> tuple[tuple[Comment, ...], tuple[Unreadable, ...]]:
    """The comments that can be read, and those that cannot; what is no comment is in neither."""
    comments: list[Comment] = []
    unreadable: list[Unreadable] = []
    for one in shown:
        # "This topic was closed" and pingbacks have rows and ranks, and are nobody's words.
        if one.state in APART:
            continue
        try:
            comments.append(comment_of(one, raw))
        except ParseError as error:
            unreadable.append(Unreadable(article=article, comment=one.external_id, reason=error.reason))
    return tuple(comments), tuple(unreadable)


def article_of(entry: Entry, raw: RawPage, comments: tuple[Comment, ...], section: int | None) -> Article:
    """An article or a thread with its opening words.

    Raises:
        FieldMissing: its id, title or time is absent.
    """
    if entry.external_id is None:
        raise FieldMissing("article.external_id", raw.url)
    of = f"article {entry.external_id}"
    if entry.title is None:
        raise FieldMissing("article.title", raw.url, of=of)
    if entry.posted is None:
        raise FieldMissing("article.posted_at", raw.url, of=of)
    at, local = _instant(entry.posted, raw, of)
    stub = stub_of(entry.external_id, date.fromisoformat(local[:10]), comments)
    return changed(
        stub,
        section=section,
        title=entry.title,
        link=entry.url,
        posted_by=entry.author,
        posted_at=at,
        posted_local=local,
        text=entry.text or "",
        html=entry.html,
    )


def stub_of(external_id: str, day: date, comments: tuple[Comment, ...]) -> Article:
    """An article of which nothing is known but its comments. The day is a guess."""
    return Article(
        external_id=external_id,
        date=day,
        section=None,
        section_name=None,
        category=None,
        title="",
        link=None,
        outlet=None,
        posted_by=None,
        posted_at=None,
        posted_local=None,
        label=None,
        views=None,
        text="",
        text_original=None,
        html=None,
        comments=comments,
    )


def digest_of(words: str | None) -> str:
    """What changes with a title, and does not hold it: what is taken down leaves no words in the ledger."""
    return sha256((words or "").encode()).hexdigest()[:16]


def guessed_day(comments: Iterable[Comment], captured_at: datetime) -> date:
    """The day of an article of which only comments are seen: it is no younger than the first of them."""
    # ISO days sort as texts do.
    first = min((comment.posted_local[:10] for comment in comments), default=None)
    return date.fromisoformat(first) if first is not None else captured_at.date()


def page_of(
    site: Site,
    raw: RawPage,
    *,
    kind: PageKind,
    day: date,
    section: int | None,
    articles: tuple[Article, ...],
    part: Part | None,
    parser: str,
    revision: int,
    silent_on: frozenset[str],
    claims: tuple[ThreadClaim, ...] = (),
    unreadable: tuple[Unreadable, ...] = (),
    dated: bool = True,
) -> ParsedPage:
    """The page, with how its bytes became text."""
    decoded = raw.decoded
    return ParsedPage(
        source=site.name,
        kind=kind,
        url=raw.url,
        date=day,
        section=section,
        articles=articles,
        headlines=(),
        counters=NO_COUNTERS,
        truncated=False,
        silent_on=silent_on,
        encoding=decoded.encoding,
        encoding_from=decoded.chosen_by,
        repaired=decoded.repaired,
        replaced=decoded.replaced,
        parser=parser,
        revision=revision,
        unreadable=unreadable,
        part=part,
        claims=claims,
        dated=dated,
    )


def _instant(posted: Moment, raw: RawPage, of: str) -> tuple[datetime, str]:
    """The instant and the site's wall clock; of a day without a time of day, its first minute."""
    local, at = posted.local, posted.at
    if local is None and at is not None and raw.zone is not None:
        local = at.astimezone(raw.zone).replace(tzinfo=None).isoformat(timespec="minutes")
    # "--03-23T01:35" has no year.
    if local is None or local.startswith("--") or (at is None and raw.zone is None):
        raise FieldMissing("posted_at", raw.url, of=of)
    if at is None:
        # "2018-03-23" without a time of day
        clock = local if len(local) >= WITH_A_CLOCK else f"{local}T{time().isoformat('minutes')}"
        at = datetime.fromisoformat(clock).replace(tzinfo=raw.zone).astimezone(UTC)
    return at, local
