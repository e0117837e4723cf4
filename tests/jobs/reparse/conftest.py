"""A day that was harvested four times while the site changed: edits, deletions, moves, a return."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.rig import DAY, HOUR, Rig, busy_day
from tests.site.invent import sentence
from tests.site.model import (
    Day,
    change_article,
    delete_article,
    delete_comment,
    edit_comment,
    move_article,
)
from tests.site.pieces import Text
from tests.site.server import SiteServer

VISITS = 4


@pytest.fixture(autouse=True)
def plain_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process imports its parent's main module anew: half a second of pytest for each worker."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([busy_day()]) as site:
        yield site


def edited(day: Day) -> Day:
    spoken = [article for article in day.articles if len(article.comments) > 2]
    first, second = spoken[0], spoken[1]
    day = edit_comment(day, first.external_id, first.comments[0].external_id, (Text(sentence(9_001)),))
    day = delete_comment(day, second.external_id, second.comments[0].external_id)
    silent = next(article for article in day.articles if article.label)
    return change_article(day, replace(silent, title="Said otherwise", label=""))


def moved(day: Day) -> Day:
    return delete_article(
        move_article(day, day.articles[0].external_id, section=5), day.articles[-1].external_id
    )


def harvested(rig: Rig) -> Rig:
    """Four visits: as it was, edited, moved about, and as it was but for the edits."""
    before = rig.site.days[DAY]
    for change in (None, edited, moved, lambda _: edited(before)):
        if change is not None:
            rig.site.change(DAY, change)
        rig.harvest(DAY, full=True)
    return rig


@pytest.fixture(scope="session")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SiteServer, Path]]:
    """The four visits, made once."""
    folder = tmp_path_factory.mktemp("visited")
    with SiteServer([busy_day()]) as site:
        harvested(Rig.ready(site, folder))
        yield site, folder


@pytest.fixture
def rig(visited: tuple[SiteServer, Path], tmp_path: Path) -> Rig:
    """A copy of what the four visits left, which a test may spoil."""
    site, folder = visited
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    rig = Rig(site, tmp_path)
    rig.clock.advance(VISITS * HOUR.total_seconds())
    return rig


@pytest.fixture
def own_rig(site: SiteServer, tmp_path: Path) -> Rig:
    """The four visits made anew, to a site that a test may change."""
    return harvested(Rig.ready(site, tmp_path))
