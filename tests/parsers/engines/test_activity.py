"""Listings by last posts: what they must say, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from parsers.engines.activity import Active, active_of, active_part
from parsers.engines.raw import RawPage
from parsers.engines.records import Entry
from parsers.engines.xenforo.looking import friendly_zone_of, plain_zone_of
from parsers.errors import FieldMalformed, FieldMissing, PageUnrecognised

URL = "https://slip.example/latest"
NOON = datetime(2024, 10, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BARE = Entry(
    external_id="7", url=None, title=None, author=None, author_id=None, posted=None, modified=None,
    last_comment=None, claimed_comments=None, text=None, html=None,
)  # fmt: skip


def test_a_listing_that_is_not_in_the_order_of_its_last_posts_says_nothing() -> None:
    rows = [Active(thread="1", at=NOON), Active(thread="2", at=NOON + HOUR)]
    with pytest.raises(FieldMalformed, match="2 after 1"):
        active_part(rows, NOON - HOUR, 1, URL, is_last=True)


def test_a_row_without_the_time_of_its_last_post_is_refused() -> None:
    with pytest.raises(FieldMissing, match=r"topic\.bumped_at .*topic 7"):
        active_of(BARE, None, "topic.bumped_at", URL)


def test_a_board_says_by_its_links_how_its_addresses_are_written() -> None:
    links = '<html id="XF"><a href="/{0}threads/slip.1/"></a><a href="/{0}forums/knots.4/"></a></html>'
    friendly = RawPage(links.format("").encode(), URL)
    plain = RawPage(links.format("index.php?").encode(), URL)
    friendly_zone_of(friendly)
    plain_zone_of(plain)
    for look, raw in ((friendly_zone_of, plain), (plain_zone_of, friendly)):
        with pytest.raises(PageUnrecognised, match=r"index\.php"):
            look(raw)
