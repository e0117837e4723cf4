"""Outcomes added up, and the exit code they come to."""

from dataclasses import replace

import pytest

from ingest.records.counts import Counts
from ingest.records.outcome import Outcome, Report, Sums, as_dict
from tests.kit.rig import DAY

DONE = Outcome(day=DAY, section=1, url="http://h.example/", state="done")
SHORT = replace(DONE, state="short", reason="short by 1 comments of 2")
FAILED = replace(DONE, state="failed", reason="the page is a wall")
LOST = replace(FAILED, kept=False)
REFUSED = replace(LOST, refused=True)
BUG = replace(LOST, bug=True)


def report(*outcomes: Outcome) -> Report:
    sums = Sums()
    for outcome in outcomes:
        sums.add(outcome)
    return Report(
        command="harvest",
        source="rantburg",
        run_id=7,
        sums=sums,
        requests=3,
        bytes_received=900,
        seconds=1.23456,
    )


@pytest.mark.parametrize(
    ("outcomes", "code", "words"),
    [
        ((), 0, "complete"),
        ((DONE, DONE), 0, "complete"),
        ((DONE, SHORT), 1, "incomplete"),
        ((DONE, REFUSED), 1, "incomplete"),
        ((FAILED,), 1, "incomplete"),
        ((REFUSED, REFUSED), 3, "failed"),
        ((REFUSED, LOST), 3, "failed"),
        ((REFUSED, BUG), 1, "incomplete"),
    ],
)
def test_the_exit_code(outcomes: tuple[Outcome, ...], code: int, words: str) -> None:
    assert (report(*outcomes).exit_code, report(*outcomes).run_outcome) == (code, words)


@pytest.mark.parametrize("what", ["new", "modified", "vanished", "returned"])
@pytest.mark.parametrize("table", ["articles", "comments"])
def test_a_page_changed_if_any_row_did(table: str, what: str) -> None:
    changed = replace(DONE, **{table: Counts(**{what: 1})})  # type: ignore[arg-type]
    assert changed.changed
    assert not replace(DONE, articles=Counts(unmodified=9)).changed


def test_counts_are_added_in_the_one_order() -> None:
    some = Counts(new=1, modified=2, unmodified=3, vanished=4, returned=5)
    told = report(replace(DONE, articles=some, comments=some), replace(SHORT, comments=some))
    assert list(as_dict(told.comments).items()) == [
        ("new", 2),
        ("modified", 4),
        ("unmodified", 6),
        ("vanished", 8),
        ("returned", 10),
    ]
    counts = told.counts()
    assert (counts["pages_done"], counts["pages_short"], counts["pages_failed"]) == (1, 1, 0)
    assert (counts["articles_new"], counts["comments_returned"], counts["requests"]) == (1, 10, 3)
    assert told.as_json()["seconds"] == 1.235
