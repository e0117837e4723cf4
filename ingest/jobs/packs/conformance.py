"""What every source has to keep, tried on its own fixtures: each check by its name, and what breaks it.

Sample -> parse -> ParsedPage, again under watch, and with damage -> Verdict for each check
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from ingest.decide.completeness.counters import agreement
from ingest.decide.completeness.lists import advance
from ingest.jobs.packs.damage import WALLS, cuts, doubled, without
from ingest.jobs.packs.purity import Impure, watched
from ingest.jobs.packs.samples import Sample, read_samples
from parsers.errors import AddressUnknown
from parsers.lists import Known
from parsers.records import Article, ParsedPage
from parsers.source import Lists, Source

MOST_PAGES = 200
"""A visit that asks for more pages of one answer than this has no end."""

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a check ended; without ``problems`` it is kept. ``tried``: in how many cases.

    ``unseen`` is what the proof of some fixtures cannot see, however well they are read.
    """

    check: str
    tried: int
    problems: tuple[str, ...]
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A damage that the site itself leaves no trace of."""

    what: str


Result = str | Unseen | None
"""Of one case: None that it is tried, and then what breaks the check, or what no source can see."""


def check_source(source: Source, root: Path) -> tuple[Verdict, ...]:
    """Every check, on the source's fixtures below ``root``.

    Raises:
        ConfigurationError: there is no fixture that the source reads.
    """
    samples = read_samples(source, root)
    return tuple(check_samples(name, source, samples) for name in CHECKS)


def check_samples(name: str, source: Source, samples: Iterable[Sample]) -> Verdict:
    """The check of that name, on these fixtures."""
    found = [(one.name, result) for one in samples for result in CHECKS[name](source, one)]
    problems = tuple(f"{sample}: {words}" for sample, words in found if isinstance(words, str))
    unseen = tuple(f"{sample}: {one.what}" for sample, one in found if isinstance(one, Unseen))
    return Verdict(
        check=name,
        tried=sum(result is None for _, result in found),
        problems=problems[:MOST_SHOWN],
        unseen=unseen[:MOST_SHOWN],
    )


def _proves(page: ParsedPage, captured_at: datetime) -> bool:
    if page.truncated or page.unreadable:
        return False
    if page.part is not None:
        visit = advance(None, page.part, captured_at)
        return visit is not None and visit.status == "proven"
    return page.can_be_complete and not agreement(page)


def _is_pure(source: Source, sample: Sample) -> Iterator[str | None]:
    yield None
    try:
        with watched():
            sample.read(source)
    except Impure as impure:
        yield str(impure)


def _is_steady(source: Source, sample: Sample) -> Iterator[str | None]:
    yield None
    if sample.read(source) != sample.page:
        yield "read twice, it says two things"


def _has_canonical_addresses(source: Source, sample: Sample) -> Iterator[str | None]:
    if sample.url and _is_asked_for(source, sample):
        address = source.address_of(sample.url)
        yield from _round_trip(source, source.url_of(address, source.base_url))
    for entry in source.lists.entries(sample.page.date) if source.lists is not None else ():
        yield from _round_trip(source, source.url_of(entry, source.base_url))


def _round_trip(source: Source, url: str) -> Iterator[str | None]:
    yield None
    try:
        again = source.url_of(source.address_of(url), source.base_url)
    except AddressUnknown:
        yield f"it does not know its own address {url}"
        return
    if again != url:
        yield f"{url} is written as {again}"
    if not url.startswith(source.base_url):
        yield f"{url} is not below {source.base_url}"


def _follow_ends(source: Source, sample: Sample) -> Iterator[str | None]:
    """Whatever it asks for is answered with the same page, as a site does with a page past the end."""
    if source.lists is None or sample.page.part is None or not _is_asked_for(source, sample):
        return
    yield None
    asked, waiting = {sample.url}, [sample.page]
    while waiting:
        page = waiting.pop()
        for url in _followed(source, source.lists, page, sample.captured_at):
            yield from _round_trip(source, url)
            if url in asked:
                continue
            asked.add(url)
            if len(asked) > MOST_PAGES + len(page.claims):
                yield f"a visit has no end: {len(asked)} addresses follow from one page"
                return
            answered = sample.read(source, url=url)
            waiting += [answered] if answered is not None and answered.kind == sample.page.kind else []


def _followed(source: Source, lists: Lists, page: ParsedPage, captured_at: datetime) -> list[str]:
    """The addresses that a page calls for where nothing else is known."""
    visit = advance(None, page.part, captured_at) if page.part is not None else None
    known = Known(visit=visit, threads={}, changed=frozenset(), fresh=0, full=False)
    return [source.url_of(wanted.address, source.base_url) for wanted in lists.follow(page, known)]


def _is_asked_for(source: Source, sample: Sample) -> bool:
    try:
        source.address_of(sample.url)
    except AddressUnknown:
        return False  # a page that is only read from archives
    return True


def _has_its_fields(_: Source, sample: Sample) -> Iterator[str | None]:
    yield None
    for article in sample.page.articles:
        if not article.external_id:
            yield "an article has no external_id"
        yield from _lacking(article)


def _lacking(article: Article) -> Iterator[str | None]:
    for comment in article.comments:
        if not comment.external_id and comment.number is None:
            yield f"a comment of article {article.external_id} has neither external_id nor number"
        if comment.posted_at.utcoffset() != timedelta(0):
            yield f"posted_at of comment {comment.external_id} is not in UTC"
        if not comment.posted_local:
            yield f"comment {comment.external_id} has no posted_local"


def _cut_proves_nothing(source: Source, sample: Sample) -> Iterator[str | None]:
    for part in cuts(sample.body):
        yield from _lies(source, sample, part, f"cut after {len(part)} of {len(sample.body)} bytes")


def _dropped_comment_is_seen(source: Source, sample: Sample) -> Iterator[Result]:
    for comment in _comments(sample):
        body = without(sample.body, comment)
        if body is None:
            continue
        for result in _lies(source, sample, body, f"without comment {comment}"):
            is_blind = result is not None and _counts_by_its_last_row(source, sample, comment, body)
            yield (
                Unseen(what=f"comment {comment}, the last: its number alone counts it")
                if is_blind
                else result
            )


def _counts_by_its_last_row(source: Source, sample: Sample, comment: str, body: bytes) -> bool:
    """Whether the list has no total but the number of its last row, which is the comment: nothing else of the
    page says that there was one more."""
    part, page = sample.page.part, sample.read(source, body)
    if part is None or part.paging != "numbers" or comment not in part.ids[-1:]:
        return False
    left = page.part.total if page is not None and page.part is not None else None
    return left is None or part.total is None or left < part.total


def _doubled_comment_is_seen(source: Source, sample: Sample) -> Iterator[str | None]:
    for comment in _comments(sample):
        body = doubled(sample.body, comment)
        yield from _lies(source, sample, body, f"with comment {comment} twice") if body is not None else ()


def _wall_is_seen(source: Source, sample: Sample) -> Iterator[str | None]:
    if not any(article.comments for article in sample.page.articles):
        return  # an empty list may be the truth
    for wall in WALLS:
        yield from _lies(source, sample, wall, f"with {wall[:40]!r} in its place")


def _lies(source: Source, sample: Sample, body: bytes, how: str) -> Iterator[str | None]:
    yield None
    page = sample.read(source, body)
    if page is None or not _proves(page, sample.captured_at):
        return
    # Damage may leave the words as they were: that is no lie.
    plain = replace(page, unreadable=sample.page.unreadable)
    if plain.articles != sample.page.articles:
        yield f"{how}, it passes for whole"


def _comments(sample: Sample) -> list[str]:
    found = [one.external_id for article in sample.page.articles for one in article.comments]
    return [one for one in dict.fromkeys((*found[:1], *found[-1:])) if one]


Check = Callable[[Source, Sample], Iterator[Result]]
CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "pure": _is_pure,
        "same-answer": _is_steady,
        "addresses": _has_canonical_addresses,
        "follow-ends": _follow_ends,
        "fields": _has_its_fields,
        "cut": _cut_proves_nothing,
        "dropped": _dropped_comment_is_seen,
        "doubled": _doubled_comment_is_seen,
        "wall": _wall_is_seen,
    }
)
