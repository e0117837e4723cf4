"""A page of 20,000 comments takes no longer than its size."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from parsers.registry import source_named
from tests.faults.sizes import sizes
from tests.kit.rig import DAY
from tests.site.invent import invented_day
from tests.site.render import encoded, section_page

TIMES = 10
MOST = 12.0
NOISE = 0.1
"""Seconds that a busy machine may add."""


def seconds_to_parse(comments: int) -> tuple[float, int]:
    """How long a page takes at best of three, and how many comments came of it."""
    page = encoded(section_page(invented_day(DAY, articles={1: 5}, comments=comments), 1), "utf-8")
    source = source_named("rantburg")
    url = source.base_url + f"?D={DAY:%m/%d/%Y}&HC=1"
    taken = []
    for _ in range(3):
        began = time.process_time()
        parsed = source.parse(page, url=url, captured_at=datetime(2018, 4, 15, tzinfo=UTC))
        taken.append(time.process_time() - began)
    return min(taken), sum(len(one.comments) for one in parsed.articles)


@pytest.mark.long
@sizes("comments", quick=300, full=2_000, at_once=True)
def test_ten_times_the_comments_take_ten_times_as_long(
    comments: int, figure: Callable[[str, str], None]
) -> None:
    few, of_few = seconds_to_parse(comments)
    many, of_many = seconds_to_parse(TIMES * comments)
    figure(
        "T56",
        f"{comments} comments {few:.3f} s, {TIMES * comments} comments {many:.3f} s: {many / few:.1f} times",
    )
    assert (of_few, of_many) == (comments, TIMES * comments)
    assert many <= MOST * few + NOISE
