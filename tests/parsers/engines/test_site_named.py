"""A site out of its settings: what is refused, and what is made of the rest."""

from typing import Any

import pytest

from parsers.engines.sites import site_named

SETTINGS: dict[str, Any] = {"engine": "wordpress", "base_url": "https://pond.example", "zone": "UTC"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"engine": "phpbb"}, "engine is 'phpbb': known are discourse, wordpress, xenforo"),
        ({"zone": "Mars/Base"}, "zone is 'Mars/Base', which is no time zone"),
        ({"base_url": "pond.example"}, "base_url is 'pond.example', which is no http address"),
        ({"base_url": "https://me@pond.example"}, "which is no http address"),
        ({"engine": "xenforo"}, "name its forums"),
        ({"categories": [2, 2]}, "category 2 is named twice"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        site_named("pond", **SETTINGS | wrong)


def test_the_address_of_a_site_ends_with_a_slash() -> None:
    site = site_named("pond", **SETTINGS, delay=2.0)
    assert (site.name, site.base_url, site.delay, site.forums) == ("pond", "https://pond.example/", 2.0, ())
