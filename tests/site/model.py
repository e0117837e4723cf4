"""The truth of a day on the source: what its pages show, before any markup.

Times are the site's wall clock, without a zone; ``fold=1`` is the second time an hour comes round.
Comments stand oldest first, and their number is their place; numbers are never kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from tests.site.pieces import Body

SECTION_NAMES: Mapping[int, str] = {
    1: "WoT Operations",
    2: "WoT Background",
    3: "Non-WoT",
    4: "Opinion",
    5: "",
    6: "Politix",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A reader's comment. ``footless`` leaves out the row below it, ``date_shown`` stands for its day."""

    external_id: str
    author: str
    posted: datetime
    body: Body
    footless: bool = False
    date_shown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article of a section with its comments. ``category`` None is one the site has not given."""

    external_id: str
    section: int
    category: str | None
    title: str
    link: str
    posted_by: str
    posted: datetime
    label: str
    views: int
    body: Body
    comments: tuple[Comment, ...] = ()
    span_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day's articles over all sections, in page order, and what stands around them.

    ``articles_archived`` and ``comments_archived`` are the whole site's counters. ``category_hidden``
    leaves out the category row of a page's first block, though the headline list knows the category.
    """

    day: date
    articles: tuple[Article, ...] = ()
    names: Mapping[int, str] = field(default_factory=lambda: SECTION_NAMES)
    articles_archived: int = 390_000
    comments_archived: int = 1_398_000
    clock: time = time(2, 50)
    visitor_ip: str | None = None
    category_hidden: bool = False

    def of_section(self, section: int) -> tuple[Article, ...]:
        """The articles of one section, in page order."""
        return tuple(article for article in self.articles if article.section == section)

    def article(self, external_id: str) -> Article:
        """The article with this id.

        Raises:
            KeyError: the day has none.
        """
        for article in self.articles:
            if article.external_id == external_id:
                return article
        raise KeyError(external_id)

    @property
    def articles_today(self) -> int:
        """The site's counter of the day's articles."""
        return len(self.articles)

    @property
    def comments_today(self) -> int:
        """The site's counter of the day's comments."""
        return sum(len(article.comments) for article in self.articles)


def add_article(day: Day, article: Article) -> Day:
    """The day with one article more, behind the last of its section and category, or of its section."""
    return replace(day, articles=_placed(day.articles, article), articles_archived=day.articles_archived + 1)


def delete_article(day: Day, article_id: str) -> Day:
    """The day without an article and its comments."""
    gone = day.article(article_id)
    return replace(
        day,
        articles=tuple(article for article in day.articles if article is not gone),
        articles_archived=day.articles_archived - 1,
        comments_archived=day.comments_archived - len(gone.comments),
    )


def change_article(day: Day, changed: Article) -> Day:
    """The day with an article edited: the one of the same id is replaced where it stands."""
    old = day.article(changed.external_id)
    return replace(day, articles=tuple(changed if article is old else article for article in day.articles))


def move_article(day: Day, article_id: str, *, section: int, category: str | None = None) -> Day:
    """The day with an article moved to another section, and to another category where one is named."""
    old = day.article(article_id)
    moved = replace(old, section=section, category=category if category is not None else old.category)
    return replace(day, articles=_placed(tuple(a for a in day.articles if a is not old), moved))


def add_comment(day: Day, article_id: str, comment: Comment) -> Day:
    """The day with one comment more, the last of its thread."""
    article = day.article(article_id)
    return _threaded(day, article, (*article.comments, comment))


def edit_comment(day: Day, article_id: str, comment_id: str, body: Body) -> Day:
    """The day with other words in a comment."""
    article = day.article(article_id)
    thread = (replace(c, body=body) if c.external_id == comment_id else c for c in article.comments)
    return _threaded(day, article, tuple(thread))


def delete_comment(day: Day, article_id: str, comment_id: str) -> Day:
    """The day without a comment: the later ones move up a number and keep their ids."""
    article = day.article(article_id)
    return _threaded(day, article, tuple(c for c in article.comments if c.external_id != comment_id))


def move_comment(day: Day, comment_id: str, *, to: str) -> Day:
    """The day with a comment under another article, in the order of ids."""
    source = next(a for a in day.articles if any(c.external_id == comment_id for c in a.comments))
    moved = next(c for c in source.comments if c.external_id == comment_id)
    day = delete_comment(day, source.external_id, comment_id)
    target = day.article(to)
    return _threaded(day, target, tuple(sorted((*target.comments, moved), key=lambda c: int(c.external_id))))


def _threaded(day: Day, article: Article, comments: tuple[Comment, ...]) -> Day:
    more = len(comments) - len(article.comments)
    day = change_article(day, replace(article, comments=comments))
    return replace(day, comments_archived=day.comments_archived + more)


def _placed(articles: tuple[Article, ...], article: Article) -> tuple[Article, ...]:
    """The article behind the last one it belongs with; a page groups by section and category."""
    place = len(articles)
    for alike in (_same_section, _same_category):
        places = [at for at, other in enumerate(articles) if alike(other, article)]
        place = places[-1] + 1 if places else place
    return (*articles[:place], article, *articles[place:])


def _same_section(one: Article, other: Article) -> bool:
    return one.section == other.section


def _same_category(one: Article, other: Article) -> bool:
    return _same_section(one, other) and one.category == other.category
