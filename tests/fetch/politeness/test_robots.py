"""robots.txt: the 145 answers of Google's matcher where their file is at hand, and faults of our own."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.fetch.politeness import Rules

GOOGLE_CASES = Path(__file__).parents[4] / "shared" / "data" / "robots_cases.json"

NOT_EQUAL = {
    "R041": "the caller gives 'Foo Bar' as its token, which RFC 9309 does not allow; ours has no blank",
    "R064": "asks with an address that is not percent-encoded; the fetcher never has such",
    "R066": "as R064",
    "R067": "RFC 9309, 2.2.2: %62%61%7A and baz are one; Google's matcher keeps them apart",
}


@cache
def google_cases() -> dict[str, dict[str, Any]]:
    if not GOOGLE_CASES.is_file():
        return {}
    return {case["id"]: case for case in json.loads(GOOGLE_CASES.read_text())["cases"]}


@pytest.mark.parametrize("case_id", [f"R{number:03}" for number in range(1, 146)])
def test_google(case_id):
    if not google_cases():
        pytest.skip("the cases of Google's matcher are not distributed with thresher")
    case = google_cases()[case_id]
    allowed = Rules.parse(case["robots_txt"]).allows(case["url"], case["user_agent"])
    assert (allowed == case["allowed"]) is (case_id not in NOT_EQUAL), NOT_EQUAL.get(case_id, case["note"])


FORBIDS = {
    "byte order mark": b"\xef\xbb\xbfUser-agent: *\nDisallow: /x",
    "carriage returns": b"User-agent: *\rDisallow: /x\r",
    "NUL bytes": b"User-\0agent: *\nDis\0allow: /x",
    "version in the token": b"User-agent: thresher/1.0\nDisallow: /x",
    "words after the token": b"User-agent: thresher and friends\nDisallow: /x",
    "words after the star": b"User-agent: * everyone\nDisallow: /x",
    "upper case": b"USER-AGENT: THRESHER\nDISALLOW: /x",
    "no colon": b"User-agent *\nDisallow /x",
    "misspelt": b"useragent: *\ndissalow: /x",
    "agent in two words": b"user agent: *\ndisallow: /x",
    "unknown directive between agents": b"User-agent: thresher\nNoindex: /y\nUser-agent: else\nDisallow: /x",
    "comment at the end": b"User-agent: * # all\nDisallow: /x # but not y",
    "second group of the same agent": b"User-agent: thresher\nAllow: /y\nUser-agent: thresher\nDisallow: /x",
    "own group before the star's": b"User-agent: *\nAllow: /\nUser-agent: thresher\nDisallow: /x",
    "vertical tab within a line": b"User-agent: *\nDisallow: /a\x0bAllow: /x\nDisallow: /x",
    "line separator within a line": "User-agent: *\nDisallow: /x\nSitemap: /s\u2028Allow: /x1".encode(),
    "a very long line before": b"User-agent: *\nDisallow: /" + b"a" * 100_000 + b"\nDisallow: /x",
    "bytes that are no UTF-8 before": b"User-agent: *\nDisallow: /caf\xe9\nDisallow: /x",
}


@pytest.mark.parametrize("fault", FORBIDS)
def test_a_faulty_file_still_forbids(fault):
    rules = Rules.parse(FORBIDS[fault])
    assert not rules.allows("http://site.test/x1")
    assert rules.allows("http://site.test/other")


ALLOWS = {
    "nothing at all": b"",
    "an HTML page": b"<!DOCTYPE html>\n<html><body>Disallow / everything</body></html>",
    "another agent": b"User-agent: other\nDisallow: /",
    "an agent whose name is a part of ours": b"User-agent: thresh\nDisallow: /",
    "a rule before any agent": b"Disallow: /\nUser-agent: *\nAllow: /",
    "an empty Disallow": b"User-agent: *\nDisallow:",
    "the longer Allow": b"User-agent: *\nDisallow: /x\nAllow: /x1",
    "Allow of the same length": b"User-agent: *\nDisallow: /x1\nAllow: /x1",
    "an agent value without a token": b"User-agent: 123\nDisallow: /",
}


@pytest.mark.parametrize("reason", ALLOWS)
def test_allows(reason):
    assert Rules.parse(ALLOWS[reason]).allows("http://site.test/x1")


def test_an_agent_whose_name_begins_ours_does_not_let_us_in():
    rules = Rules.parse("User-agent: t\nAllow: /\nUser-agent: *\nDisallow: /")
    assert not rules.allows("http://site.test/")


def test_latin_1_path_matches_its_percent_encoded_address():
    assert not Rules.parse(b"User-agent: *\nDisallow: /caf\xe9").allows("http://site.test/caf%E9")


def test_only_the_first_500_kib_count_and_no_half_line():
    padding = b"User-agent: *\n" + b"# padding\n" * 51_198
    assert len(padding) < 500 * 1024 < len(padding) + 10
    inside = Rules.parse(padding[:-10] + b"Disallow: /x\n" + padding)
    cut = Rules.parse(padding + b"Disallow: /news")
    assert not inside.allows("http://site.test/x")
    assert cut.allows("http://site.test/news")
    assert cut.allows("http://site.test/other")


def test_robots_txt_itself_is_always_allowed():
    assert Rules.forbid_all().allows("http://site.test/robots.txt")


def test_forbid_all_and_allow_all():
    assert not Rules.forbid_all().allows("http://site.test/")
    assert Rules.allow_all().allows("http://site.test/")


@pytest.mark.parametrize("address", ["http://[::1", "http://site.test/\udc80"])
def test_what_is_no_address_is_forbidden(address):
    assert not Rules.parse("User-agent: *\nDisallow: /x").allows(address)


@pytest.mark.parametrize(
    ("value", "delay"),
    [
        ("0.5", 0.5),
        ("0", 0.0),
        ("10", 10.0),
        ("1e308", 60.0),
        ("nan", None),
        ("inf", None),
        ("-1", None),
        ("soon", None),
        ("", None),
    ],
)
def test_crawl_delay(value, delay):
    assert Rules.parse(f"User-agent: *\nCrawl-delay: {value}\nDisallow: /x").crawl_delay() == delay


def test_crawl_delay_is_that_of_our_group():
    rules = Rules.parse("User-agent: *\nCrawl-delay: 9\n\nUser-agent: thresher\nCrawl-delay: 2")
    assert rules.crawl_delay() == 2.0
    assert rules.crawl_delay("another") == 9.0


def test_a_crawl_delay_does_not_end_a_group():
    rules = Rules.parse("User-agent: *\nCrawl-delay: 9\nUser-agent: bad\nDisallow: /x")
    assert not rules.allows("http://site.test/x")
    assert not rules.allows("http://site.test/x", "bad")
    assert rules.allows("http://site.test/y")
    assert (rules.crawl_delay(), rules.crawl_delay("bad")) == (9.0, None)


def test_a_crawl_delay_behind_the_rules_is_that_of_all_agents_of_the_group():
    rules = Rules.parse(
        "User-agent: a\nUser-agent: thresher\nDisallow: /x\nCrawl-delay: 4\nUser-agent: *\nDisallow: /"
    )
    assert (rules.crawl_delay(), rules.crawl_delay("a"), rules.crawl_delay("other")) == (4.0, 4.0, None)
    assert rules.allows("http://site.test/y")
    assert not rules.allows("http://site.test/x")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark_is_read(encoding):
    raw = "\ufeffUser-agent: *\r\nDisallow: /x\r\n".encode(encoding)
    assert not Rules.parse(raw).allows("http://site.test/x")
    assert Rules.parse(raw).allows("http://site.test/y")
    assert not Rules.parse(raw + "# words\n".encode(encoding) * 40_000).allows("http://site.test/x")
    assert not Rules.parse(raw + b"\0").allows("http://site.test/x")
