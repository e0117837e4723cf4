"""Delays, waits and Retry-After: numbers in, numbers out."""

from datetime import UTC, datetime

import pytest

from ingest.fetch.politeness import effective_delay, retry_after_seconds, wait_seconds

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_longest_delay_counts():
    assert effective_delay(1.0, 5.0, None) == 5.0
    assert effective_delay(2.0, 0.0, 1.5) == 2.0
    assert effective_delay(None) == 0.0


@pytest.mark.parametrize(
    ("last", "delay", "paused_until", "wait"),
    [
        (None, 5.0, None, 0.0),
        (100.0, 5.0, None, 5.0),
        (97.0, 5.0, None, 2.0),
        (90.0, 5.0, None, 0.0),
        (100.0, 5.0, 130.0, 30.0),
        (100.0, 5.0, 102.0, 5.0),
        (None, 5.0, 101.0, 1.0),
        (90.0, 5.0, 99.0, 0.0),
    ],
)
def test_wait(last, delay, paused_until, wait):
    assert wait_seconds(now=100.0, last_request_at=last, delay=delay, paused_until=paused_until) == wait


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 30 ", 30.0),
        ("0", 0.0),
        ("7200", 3600.0),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120.0),
        ("Thursday, 01-Jan-26 00:01:00 GMT", 60.0),
        ("Thu Jan  1 00:01:00 2026", 60.0),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("Thu, 01 Jan 99999 00:00:00 GMT", None),
        ("1.5", None),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
        ("99999999999", None),
        ("9" * 5000, None),
        (None, None),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds
