"""Which pages of a day to fetch: one first, then only those that its catalogue shows to differ."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from parsers.records import Headline, ParsedPage

# One broken page may be a fault of the page; two are a fault of the site.
MOST_TRIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A section page of a day that we intend to fetch."""

    day: date
    section: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Whether a section of a day is to be fetched, and why, or why not."""

    section: int
    wanted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """What the store holds of a live article; suppressed comments count as held.

    ``section`` is the first place that lists it on the day, ``also_in`` are the day's others. ``comments``
    may be more than ``comment_ids``: some pages show no ids.
    """

    external_id: str
    section: int | None
    comments: int
    comment_ids: frozenset[str] = frozenset()
    also_in: frozenset[int] = frozenset()


Newest = Callable[[Collection[str]], str | None]
"""The newest of a source's ids; None of none."""


def sections_to_try(
    sections: Collection[int], known: Collection[KnownArticle], *, unfinished: Collection[int] = ()
) -> tuple[int, ...]:
    """The sections to fetch, in order, until one gives the day's catalogue.

    So that no request is wasted, sections that are ``unfinished`` and have to be fetched in any case come
    first, then those that have articles. If two cannot be read, a third would be of no use.
    """
    held = {article.section for article in known if article.section is not None}

    def order(section: int) -> tuple[bool, bool, int]:
        return section not in unfinished, section not in held, section

    return tuple(sorted(sections, key=order))[:MOST_TRIES]


def sections_to_fetch(
    catalogue: ParsedPage,
    *,
    known: Mapping[str, KnownArticle],
    unfinished: Collection[int],
    suppressed: Collection[str],
    full: bool,
    newest: Newest,
) -> tuple[Choice, ...]:
    """The other sections of a section page's catalogue, in order, and whether to fetch them.

    Those that have articles and are ``unfinished`` (never loaded, failed or short), or list an article
    that is unknown or differs in its comments; all that have articles if ``full``. ``newest`` is the source's
    order of comment ids.
    """
    listed: dict[int, list[Headline]] = {}
    for headline in catalogue.headlines:
        listed.setdefault(headline.section, []).append(headline)
    counted = {section for section, count in catalogue.counters.sections.items() if count}
    choices = []
    for section in sorted((counted | listed.keys()) - {catalogue.section}):
        if full:
            reason: str | None = "everything is fetched"
        elif section not in listed:
            reason = "it has articles that the catalogue does not list"
        else:
            found = (_difference(headline, known, suppressed, newest) for headline in listed[section])
            reason = next(filter(None, found), "it is unfinished" if section in unfinished else None)
        choices.append(Choice(section=section, wanted=reason is not None, reason=reason or "nothing differs"))
    return tuple(choices)


def _difference(
    headline: Headline, known: Mapping[str, KnownArticle], suppressed: Collection[str], newest: Newest
) -> str | None:
    article = headline.external_id
    # It is not held, and must not be asked for because of that.
    if article in suppressed:
        return None
    held = known.get(article)
    if held is None:
        return f"article {article} is unknown"
    if headline.section not in {held.section, *held.also_in}:
        return f"article {article} is held in section {held.section}"
    # Before the last id: an older page shows no ids, and its comments are counted all the same.
    if held.comments != headline.comment_count:
        return f"article {article} has {headline.comment_count} comments and {held.comments} are held"
    last = newest(held.comment_ids)
    if last != headline.last_comment_id:
        return f"article {article} ends with comment {headline.last_comment_id}, held is {last}"
    return None
