"""What an answer to robots.txt means, and how long it is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.fetch.politeness import standing_after

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAGE = "http://site.test/x"
FORBIDDING = b"User-agent: *\nDisallow: /x"


def read_at(moment):
    return standing_after(200, FORBIDDING, before=None, now=moment)


@pytest.mark.parametrize("status", [200, 203, 206])
def test_an_answer_is_parsed_and_kept_a_day(status):
    standing = standing_after(status, FORBIDDING, before=None, now=NOW)
    assert not standing.rules.allows(PAGE)
    assert standing.read_at == NOW
    assert standing.ask_again_at == NOW + timedelta(hours=24)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 499])
def test_no_robots_txt_allows_everything_for_a_day(status):
    standing = standing_after(status, FORBIDDING, before=read_at(NOW - timedelta(days=2)), now=NOW)
    assert standing.rules.allows(PAGE)
    assert standing.ask_again_at == NOW + timedelta(hours=24)


@pytest.mark.parametrize("status", [None, 429, 500, 503, 599, 304, 302, 999])
def test_an_unreadable_robots_txt_is_a_full_stop(status):
    standing = standing_after(status, before=None, now=NOW)
    assert standing.rules is None
    assert standing.read_at is None
    assert standing.ask_again_at == NOW + timedelta(minutes=5)
    assert str(status) in standing.trouble


def test_the_trouble_is_told():
    assert standing_after(None, before=None, now=NOW, trouble="no route").trouble == "no route"


@pytest.mark.parametrize(("days", "kept"), [(1, True), (29, True), (30, False), (31, False)])
def test_old_rules_stand_in_for_30_days(days, kept):
    before = read_at(NOW - timedelta(days=days))
    standing = standing_after(503, before=before, now=NOW)
    assert (standing.rules is before.rules) is kept
    assert (standing.rules is None) is not kept


def test_the_30_days_run_from_the_last_reading_not_from_the_last_failure():
    standing = read_at(NOW)
    for day in range(1, 32):
        standing = standing_after(None, before=standing, now=NOW + timedelta(days=day))
        assert (standing.rules is not None) is (day < 30)
