"""What a re-parse says in the ledger: the newest catalogue tells what is expected, the page what is held."""

from typing import Any

import pytest

from tests.jobs.reparse.again import parse_again
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import Rig

LATER = "2018-04-20T00:00:00.000000Z"


def section(rig: Rig, number: int = 1) -> dict[str, Any]:
    (found,) = (row for row in rows.table(rig.url, "pages") if row["section"] == number)
    return found


def ledger_says(rig: Rig, values: str) -> None:
    rows.execute(rig.url, f"UPDATE pages SET {values} WHERE section = 1")


@pytest.mark.long
@pytest.mark.parametrize("seen_since", [True, *long(False)])
def test_a_section_whose_count_was_wrong_is_done(rig: Rig, seen_since: bool) -> None:
    right = section(rig)
    more = f", visited_at = '{LATER}'" if seen_since else ""
    ledger_says(rig, f"state = 'short', held_comments = held_comments - 1, last_error = 'short'{more}")
    parse_again(rig, everything=True)
    now = section(rig)
    assert (now["state"], now["last_error"]) == ("done", None)
    assert now["held_comments"] == right["held_comments"]


@pytest.mark.parametrize(
    ("before", "after"), [pytest.param("pending", "pending", marks=pytest.mark.long), ("done", "short")]
)
def test_an_older_page_does_not_lower_what_a_newer_one_expects(rig: Rig, before: str, after: str) -> None:
    right = section(rig)
    wrong = "held_comments = 0, expected_comments = expected_comments + 1"
    ledger_says(rig, f"state = '{before}', {wrong}, visited_at = '{LATER}'")
    parse_again(rig, everything=True)
    now = section(rig)
    assert now["state"] == after
    assert now["held_comments"] == right["held_comments"]
    assert now["expected_comments"] == right["expected_comments"] + 1


@pytest.mark.long
def test_a_section_nobody_counted_is_counted(rig: Rig) -> None:
    right = section(rig)
    ledger_says(rig, f"held_comments = NULL, expected_comments = NULL, visited_at = '{LATER}'")
    parse_again(rig, everything=True)
    now = section(rig)
    counts = ("expected_comments", "held_comments", "state")
    assert [now[name] for name in counts] == [right[name] for name in counts]


@pytest.mark.long
def test_a_fetch_that_failed_since_stays_failed(rig: Rig) -> None:
    ledger_says(rig, "state = 'failed', last_error = 'no answer'")
    before = section(rig)
    parse_again(rig, everything=True)
    assert section(rig) == before
