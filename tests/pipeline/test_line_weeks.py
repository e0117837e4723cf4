"""A site that changes at random between visits: after each visit the database says what the site shows."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.kit import rows
from tests.kit.rig import DAY, Rig
from tests.site.invent import article, comment, sentence
from tests.site.model import (
    Article,
    Day,
    add_article,
    add_comment,
    change_article,
    delete_article,
    delete_comment,
    edit_comment,
    move_article,
)
from tests.site.pieces import Text
from tests.site.server import SiteServer

Change = Callable[[Day, random.Random, int], Day]


def spoken(day: Day, chance: random.Random) -> Article:
    return chance.choice([one for one in day.articles if one.comments])


def comes(day: Day, chance: random.Random, number: int) -> Day:
    posted = datetime(2018, 4, 15) + timedelta(minutes=number)
    said = comment(number, posted=posted, external_id=5_000_000 + number)
    return add_comment(day, chance.choice(day.articles).external_id, said)


def goes(day: Day, chance: random.Random, number: int) -> Day:
    found = spoken(day, chance)
    return delete_comment(day, found.external_id, chance.choice(found.comments).external_id)


def is_edited(day: Day, chance: random.Random, number: int) -> Day:
    found = spoken(day, chance)
    which = chance.choice(found.comments).external_id
    return edit_comment(day, found.external_id, which, (Text(sentence(9_000 + number)),))


def is_rewritten(day: Day, chance: random.Random, number: int) -> Day:
    found = chance.choice(day.articles)
    return change_article(day, replace(found, title=f"Rewritten {number}", label="Board of Lamps"))


def moves(day: Day, chance: random.Random, number: int) -> Day:
    return move_article(day, chance.choice(day.articles).external_id, section=chance.randint(1, 6))


def is_published(day: Day, chance: random.Random, number: int) -> Day:
    new = article(
        number, section=chance.randint(1, 6), category="Bridges", day=DAY, external_id=600_000 + number
    )
    return add_article(day, new)


def is_taken_off(day: Day, chance: random.Random, number: int) -> Day:
    return delete_article(day, chance.choice(day.articles).external_id)


CHANGES: tuple[Change, ...] = (
    comes, comes, comes, goes, is_edited, is_rewritten, moves, is_published, is_taken_off,
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("seed", [4711])
def test_after_each_visit_the_database_says_what_the_site_shows(
    rig: Rig, site: SiteServer, seed: int
) -> None:
    chance = random.Random(seed)
    seen: set[str] = set()
    number = 0
    for _ in range(5):
        report = rig.harvest(DAY, full=True)
        assert [(one.section, one.reason) for one in report.outcomes if one.state != "done"] == []
        assert rig.held == rig.shown
        shown = {one.external_id for one in site.days[DAY].articles}
        shown |= {said.external_id for one in site.days[DAY].articles for said in one.comments}
        seen |= shown
        # The comments of an article that went were not seen to go: they are there, below a vanished one.
        assert rows.vanished(rig.url) <= seen - shown
        for _ in range(6):
            number += 1
            site.change(DAY, lambda day: chance.choice(CHANGES)(day, chance, number))  # noqa: B023
    everything = {
        row["external_id"] for name in ("articles", "comments") for row in rows.table(rig.url, name)
    }
    assert everything == seen
