"""What every source has to keep, tried on its own fixtures: each check by its name, and what breaks it.

Sample -> parse -> ParsedPage, again under watch, and with damage -> Verdict for each check
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from ingest.decide.completeness.counters import agreement
from ingest.decide.completeness.lists import advance
from ingest.errors import ConfigurationError
from ingest.jobs.packs.damage import WALLS, cuts, doubled, without
from ingest.jobs.packs.purity import Impure, watched
from parsers.errors import AddressUnknown, ThresherError
from parsers.lists import Known
from parsers.records import Article, ParsedPage
from parsers.source import Lists, Source

MOST_PAGES = 200
"""A visit that asks for more pages of one answer than this has no end."""

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One fixture as the source is given it, and what the source says of it."""

    name: str
    body: bytes
    url: str
    captured_at: datetime
    headers: Mapping[str, str]
    page: ParsedPage

    def read(self, source: Source, body: bytes | None = None, url: str | None = None) -> ParsedPage | None:
        """What the source says, of another body or address in their place; None if it refuses them."""
        return _parsed(
            source,
            self.body if body is None else body,
            self.url if url is None else url,
            self.captured_at,
            self.headers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a check ended; without ``problems`` it is kept. ``tried``: in how many cases."""

    check: str
    tried: int
    problems: tuple[str, ...]


def check_source(source: Source, root: Path) -> tuple[Verdict, ...]:
    """Every check, on the source's fixtures below ``root``.

    Raises:
        ConfigurationError: there is no fixture that the source reads.
    """
    samples = read_samples(source, root)
    found = []
    for name, check in CHECKS.items():
        said = [(one.name, words) for one in samples for words in check(source, one)]
        problems = tuple(f"{sample}: {words}" for sample, words in said if words is not None)
        tried = sum(words is None for _, words in said)
        found.append(Verdict(check=name, tried=tried, problems=problems[:MOST_SHOWN]))
    return tuple(found)


def read_samples(source: Source, root: Path) -> list[Sample]:
    """The fixtures that the source reads: its own, or its engine's. Raises ConfigurationError if none."""
    folder = root / source.name
    if not folder.is_dir() and source.site is not None:
        folder = root / "engines" / source.site.engine
    found = [sample for meta in sorted(folder.glob("*/meta.json")) if (sample := _sample(source, meta))]
    if not found:
        raise ConfigurationError(f"no fixture below {folder} is read by {source.name}")
    return found


def _sample(source: Source, meta: Path) -> Sample | None:
    said = json.loads(meta.read_text("utf-8"))
    headers = {str(name).lower(): str(value) for name, value in said.get("headers", {}).items()}
    if said.get("content_type"):
        headers["content-type"] = said["content_type"]
    pages = sorted(meta.parent.glob("page.*"))
    if len(pages) != 1:
        raise ConfigurationError(f"{meta.parent} is not a fixture: {len(pages)} files are named page")
    moment = said.get("captured_at")
    captured_at = datetime.fromisoformat(moment or "2026-01-01T00:00:00+00:00")
    body, url = pages[0].read_bytes(), said.get("url") or ""
    page = _parsed(source, body, url, captured_at, headers)
    if page is None:
        return None
    return Sample(
        name=meta.parent.name, body=body, url=url, captured_at=captured_at, headers=headers, page=page
    )


def _parsed(
    source: Source, body: bytes, url: str, captured_at: datetime, headers: Mapping[str, str]
) -> ParsedPage | None:
    try:
        return source.parse(
            body, url=url, captured_at=captured_at, content_type=headers.get("content-type"), headers=headers
        )
    except ThresherError:
        return None


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


def _dropped_comment_is_seen(source: Source, sample: Sample) -> Iterator[str | None]:
    part = sample.page.part
    # Where the numbers that are printed are the proof, a list without its last row is a shorter one.
    last = part.ids[-1:] if part is not None and part.paging == "numbers" else ()
    for comment in _comments(sample):
        if comment in last:
            continue
        body = without(sample.body, comment)
        yield from _lies(source, sample, body, f"without comment {comment}") if body is not None else ()


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
    plain = replace(page, unreadable=sample.page.unreadable)
    if plain.articles != sample.page.articles:
        yield f"{how}, it passes for whole"


def _comments(sample: Sample) -> list[str]:
    found = [one.external_id for article in sample.page.articles for one in article.comments]
    return [one for one in dict.fromkeys((*found[:1], *found[-1:])) if one]


Check = Callable[[Source, Sample], Iterator[str | None]]
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
