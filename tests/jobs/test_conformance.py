"""What every source keeps: ours keep it, and a source that breaks a check is named by it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from ingest.errors import ConfigurationError
from ingest.jobs.packs.conformance import check_source
from parsers.engines.sites import ENGINES
from parsers.lists import Known, Next
from parsers.records import ParsedPage, Part, changed
from parsers.source import Answer, Lists, Site, Source
from parsers.sources import rantburg
from parsers.urls import Address

FIXTURES = Path(__file__).parents[2] / "fixtures"
WHOLE = Part(thread="9", paging="overlap", first=0, ids=("1",), total=1, starts=True, ends=True)


def site_of(engine: str) -> Source:
    return ENGINES[engine](Site(name="mine", engine=engine, base_url="https://mine.example/", zone="UTC"))


@pytest.mark.parametrize("engine", [None, *sorted(ENGINES)])
def test_our_sources_keep_every_check(engine: str | None) -> None:
    source = rantburg.SOURCE if engine is None else site_of(engine)
    verdicts = check_source(source, FIXTURES)
    assert {one.check: one.problems for one in verdicts if one.problems} == {}
    untried = {"follow-ends"} if source.lists is None else set()
    assert {one.check for one in verdicts if not one.tried} == untried


@pytest.mark.long
def test_what_only_a_number_counts_is_named_and_breaks_nothing() -> None:
    [dropped] = [one for one in check_source(site_of("xenforo"), FIXTURES) if one.check == "dropped"]
    assert dropped.problems == ()
    assert dropped.unseen
    assert all("its number alone counts it" in words for words in dropped.unseen)
    assert not any("first-page" in words for words in dropped.unseen)
    seen = [check_source(site_of(engine), FIXTURES) for engine in ("wordpress", "discourse")]
    assert [one.unseen for verdicts in seen for one in verdicts if one.unseen] == []


def without_its_counter(page: ParsedPage) -> ParsedPage:
    part = page.part
    return page if part is None else replace(page, part=replace(part, total=len(part.ids), needs_total=False))


def test_a_counter_that_follows_what_is_shown_is_found() -> None:
    source = site_of("wordpress")
    assert source.lists is not None
    verdicts = check_source(reading(without_its_counter)(source, source.lists), FIXTURES)
    assert "dropped" in {one.check for one in verdicts if one.problems}
    assert [one.unseen for one in verdicts if one.unseen] == []


def reading(change: Callable[[ParsedPage], ParsedPage]) -> Callable[[Source, Lists], Source]:
    return lambda source, lists: replace(
        source, lists=replace(lists, read=lambda answer: change(lists.read(answer)))
    )


def looks_at_the_clock(page: ParsedPage) -> ParsedPage:
    datetime.now(UTC)
    return page


def says_another_thing_each_time(numbers: "count[int]") -> Callable[[ParsedPage], ParsedPage]:
    return lambda page: replace(page, replaced=next(numbers))


def forgets_ids(page: ParsedPage) -> ParsedPage:
    articles = [
        changed(one, comments=tuple(changed(each, external_id=None) for each in one.comments))
        for one in page.articles
    ]
    return replace(page, articles=tuple(articles))


def believes_anything(source: Source, lists: Lists) -> Source:
    whole: dict[str, bytes] = {}

    def read(answer: Answer) -> ParsedPage:
        body = whole.setdefault(answer.url, answer.body)
        page = lists.read(replace(answer, body=body))
        page = replace(page, part=WHOLE, unreadable=())
        return page if answer.body == body else replace(page, articles=page.articles[:-1])

    return replace(source, lists=replace(lists, read=read))


def elsewhere(source: Source, lists: Lists) -> Source:
    return replace(source, url_of=lambda address, base: source.url_of(address, "https://other.example/"))


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        (reading(looks_at_the_clock), {"pure"}),
        (reading(says_another_thing_each_time(count())), {"same-answer"}),
        (elsewhere, {"addresses", "follow-ends"}),
        (reading(forgets_ids), {"fields"}),
        (believes_anything, {"cut", "dropped", "doubled", "wall"}),
    ],
)
def test_a_broken_source_is_named_by_the_check(
    spoil: Callable[[Source, Lists], Source], broken: set[str]
) -> None:
    source = site_of("wordpress")
    assert source.lists is not None
    verdicts = check_source(spoil(source, source.lists), FIXTURES)
    assert {one.check for one in verdicts if one.problems} == broken


@pytest.mark.long
def test_a_visit_without_an_end_is_found() -> None:
    source = site_of("wordpress")
    assert source.lists is not None
    addresses = count(1)

    def follow(page: ParsedPage, known: Known) -> tuple[Next, ...]:
        address = Address(kind="comments", article_id="41", offset=next(addresses))
        return (Next(address=address, why="there may be more"),)

    def read(answer: Answer) -> ParsedPage:
        return replace(source.lists.read(answer), kind="comments") if source.lists else None

    [problem] = {
        words.partition(": ")[2]
        for one in check_source(
            replace(source, lists=replace(source.lists, follow=follow, read=read)), FIXTURES
        )
        if one.check == "follow-ends"
        for words in one.problems[:1]
    }
    assert "has no end" in problem


def test_a_source_without_fixtures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no fixture below .* is read by mine"):
        check_source(site_of("discourse"), tmp_path)
    (tmp_path / "mine" / "two-pages").mkdir(parents=True)
    (tmp_path / "mine" / "two-pages" / "meta.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="0 files are named page"):
        check_source(site_of("discourse"), tmp_path)
