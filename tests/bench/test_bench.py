"""The table is rendered, the readers agree with the site, and the sites are what the harvests must hold."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench import peer_environment, table
from tests.bench.contender import Contender
from tests.bench.measures import live
from tests.bench.measures.parse import OURS, PEERS, TREE, agree, costs, page_of, started
from tests.bench.rows import Cost, Row, Spread, compared
from tests.bench.sites import SITES, BenchSite

ROUNDS = [
    {"other": Cost(cpu=2, wall=4, memory=7), "thresher": Cost(cpu=1, wall=1, memory=2_000_000)},
    {"other": Cost(cpu=1, wall=1), "thresher": Cost(cpu=3, wall=1)},
]


def test_a_ratio_is_that_of_one_round() -> None:
    other, ours = compared(
        "live", "a site", ROUNDS, beside="other", unit="page", figures={"thresher": {"pages": 12}}
    )
    assert ours.cpu_ratio == Spread(0.5, 1.75, 3)
    assert ours.wall_ratio == Spread(0.25, 0.625, 1)
    assert (ours.rounds, ours.memory, ours.figures) == (2, 2_000_000, {"pages": 12})
    assert other.cpu_ratio == Spread(1, 1, 1)


def test_the_table_has_a_line_a_row() -> None:
    rows = compared(
        "live", "a site", ROUNDS, beside="other", unit="page", figures={"thresher": {"kB": 12.345}}
    )
    lines = table.markdown(rows, ["a note"]).splitlines()
    assert lines[0] == "- a note"
    assert lines[-1] == (
        "| live: a site | thresher | **1.75** (0.50 to 3) | **0.62** (0.25 to 1) | other "
        "| **2,000** (1,000 to 3,000) | 1,000 | page | 2 | 2 | kB 12.3 |"
    )
    assert len(rows) == len(lines) - 4
    assert table.document(rows, []).startswith("# Benchmarks\n")


def test_the_json_has_what_was_measured() -> None:
    row = Row(measure="size", case="a page", who="thresher", figures={"bytes": 12})
    found = json.loads(table.as_json([row], ["a note"]))
    assert found["notes"] == ["a note"]
    assert found["rows"][0]["figures"] == {"bytes": 12}


@pytest.fixture
def readers() -> dict[str, str]:
    return OURS | (PEERS if peer_environment.are_installed() else {})


@pytest.mark.long
def test_each_reader_says_what_the_page_says(tmp_path: Path, readers: dict[str, str]) -> None:
    pages = [page_of(12)]
    with ExitStack() as stack:
        contenders: dict[str, Contender] = started(stack, readers, tmp_path, pages)
        for who in readers.keys() - {TREE}:
            agree(who, contenders[who], pages)
        assert all(cost.cpu > 0 for cost in costs(contenders, [0]).values())
    if readers == OURS:
        pytest.skip(peer_environment.MISSING)


@pytest.mark.long
@pytest.mark.parametrize("made", SITES, ids=lambda made: made.__name__)
def test_each_contender_holds_what_the_site_shows(tmp_path: Path, made: Callable[[int], BenchSite]) -> None:
    site = made(1)
    with site.server:
        for who in live.contenders():
            cost = live.run(site, 1, tmp_path / "live", who)  # Failed, if a comment is missing or wrong
            assert cost.cpu > 0
