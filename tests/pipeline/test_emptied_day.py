"""A day that shows no articles any more: doubted at first, believed a day later or by the operator's word."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.errors import ConfigurationError
from ingest.jobs.accept_empty import accept_empty
from ingest.jobs.verify import cover
from ingest.store import Store
from tests.kit import rows
from tests.kit.postgres import server_or_skip
from tests.kit.rig import COMMENTS, DAY, HOUR, NOON, Rig
from tests.site.model import Day
from tests.site.server import SiteServer

FIRST_EMPTY = NOON + 2 * HOUR


def emptied(day: Day) -> Day:
    return replace(day, articles=())


@pytest.fixture
def full(rig: Rig, site: SiteServer) -> Day:
    """The day as it was when it was harvested; the site shows nothing of it from now on."""
    assert rig.harvest(DAY).exit_code == 0
    day = site.days[DAY]
    site.change(DAY, emptied)
    return day


def gone(rig: Rig, table: str) -> list[object]:
    return [row["vanished_at"] for row in rows.table(rig.url, table) if row["vanished_at"] is not None]


def is_complete(rig: Rig) -> bool:
    with Store.open(rig.url) as store:
        return cover(store, "rantburg", since=DAY, until=DAY, window=None).complete


@pytest.mark.long
def test_nothing_vanishes_by_an_emptied_day(rig: Rig, full: Day) -> None:
    report = rig.harvest(DAY)
    assert (report.exit_code, report.articles.vanished, report.comments.vanished) == (1, 0, 0)
    assert (gone(rig, "articles"), gone(rig, "comments")) == ([], [])
    first = next(row for row in rows.table(rig.url, "pages") if row["section"] == 1)
    assert first["state"] == "short"
    assert "the day shows no articles, and 9 are held" in first["last_error"]
    assert not is_complete(rig)


@pytest.mark.long
def test_empty_again_within_a_day_it_stays_short(rig: Rig, full: Day) -> None:
    rig.harvest(DAY)
    rig.clock.advance(timedelta(hours=22).total_seconds())
    rig.harvest(DAY)
    assert gone(rig, "articles") == []
    assert not is_complete(rig)


@pytest.mark.long
def test_empty_again_a_day_later_the_articles_vanish_with_their_comments(rig: Rig, full: Day) -> None:
    rig.harvest(DAY)
    rig.clock.advance(timedelta(hours=23).total_seconds())
    report = rig.harvest(DAY)
    assert (report.exit_code, report.articles.vanished, report.comments.vanished) == (0, 9, COMMENTS)
    when = FIRST_EMPTY + timedelta(days=1)
    assert (gone(rig, "articles"), gone(rig, "comments")) == ([when] * 9, [when] * COMMENTS)
    assert is_complete(rig)


@pytest.mark.long
def test_articles_that_were_seen_between_begin_the_wait_anew(rig: Rig, site: SiteServer, full: Day) -> None:
    rig.harvest(DAY)
    site.put(full)
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert is_complete(rig)
    site.change(DAY, emptied)
    rig.clock.advance(timedelta(hours=23).total_seconds())
    assert rig.harvest(DAY).articles.vanished == 0
    rig.clock.advance(timedelta(hours=23).total_seconds())
    assert rig.harvest(DAY).articles.vanished == 9


@pytest.mark.long
def test_what_vanished_comes_back_with_its_comments(rig: Rig, site: SiteServer, full: Day) -> None:
    rig.harvest(DAY)
    rig.clock.advance(timedelta(hours=23).total_seconds())
    rig.harvest(DAY)
    site.put(full)
    report = rig.harvest(DAY, full=True)
    assert (report.exit_code, report.articles.returned, report.comments.returned) == (0, 9, COMMENTS)
    assert rig.held == rig.shown
    assert (gone(rig, "articles"), gone(rig, "comments")) == ([], [])
    assert rows.versions(rig.url) == []


def test_the_operator_accepts_it(rig: Rig, full: Day) -> None:
    rig.harvest(DAY)
    with Store.open(rig.url) as store:
        assert accept_empty("rantburg", DAY, folder=rig.archive, store=store)
    assert gone(rig, "articles") == [FIRST_EMPTY] * 9
    assert gone(rig, "comments") == [FIRST_EMPTY] * COMMENTS
    assert is_complete(rig)


@pytest.mark.long
def test_what_was_accepted_is_no_word_for_the_next_time(rig: Rig, site: SiteServer, full: Day) -> None:
    rig.harvest(DAY)
    with Store.open(rig.url) as store:
        accept_empty("rantburg", DAY, folder=rig.archive, store=store)
    site.put(full)
    assert rig.harvest(DAY, full=True).articles.returned == 9
    site.change(DAY, emptied)
    assert (rig.harvest(DAY).exit_code, gone(rig, "articles")) == (1, [])


@pytest.mark.long
def test_without_its_archive_an_accepted_day_is_empty_by_the_next_visit(rig: Rig, full: Day) -> None:
    rig.harvest(DAY)
    with Store.open(rig.url) as store:
        assert not accept_empty("rantburg", DAY, folder=rig.archive / "nowhere", store=store)
    assert not is_complete(rig)
    assert rig.harvest(DAY).articles.vanished == 9
    assert is_complete(rig)


@pytest.fixture
def on_postgresql(site: SiteServer, tmp_path: Path) -> Iterator[Rig]:
    for server in server_or_skip():
        yield Rig(site, tmp_path, server)


@pytest.mark.long
def test_on_postgresql_a_day_is_doubted_believed_back_again_and_accepted(
    on_postgresql: Rig, site: SiteServer
) -> None:
    rig, full = on_postgresql, site.days[DAY]
    assert rig.harvest(DAY).exit_code == 0
    site.change(DAY, emptied)
    assert (rig.harvest(DAY).exit_code, gone(rig, "articles"), is_complete(rig)) == (1, [], False)
    rig.clock.advance(timedelta(hours=23).total_seconds())
    assert rig.harvest(DAY).exit_code == 0
    when = FIRST_EMPTY + timedelta(days=1)
    assert (gone(rig, "articles"), gone(rig, "comments")) == ([when] * 9, [when] * COMMENTS)
    assert is_complete(rig)
    site.put(full)
    assert rig.harvest(DAY, full=True).exit_code == 0
    assert rig.held == rig.shown
    site.change(DAY, emptied)
    assert rig.harvest(DAY).exit_code == 1
    with Store.open(rig.url) as store:
        assert accept_empty("rantburg", DAY, folder=rig.archive, store=store)
    assert (len(gone(rig, "articles")), len(gone(rig, "comments"))) == (9, COMMENTS)
    assert is_complete(rig)


def test_a_day_that_is_not_emptied_cannot_be_accepted(rig: Rig) -> None:
    rig.harvest(DAY)
    with Store.open(rig.url) as store, pytest.raises(ConfigurationError, match="2018-04-14"):
        accept_empty("rantburg", DAY, folder=rig.archive, store=store)
