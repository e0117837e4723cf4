"""Which falls are told, which are chance, and since when."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decide.drift.fill_rates import Rates, RunRates
from ingest.decide.drift.regressions import LEAST_ROWS, LEAST_RUNS, Fall, dispersion, falls, z_of
from tests.kit.parsed import NOON

RATES = Rates(
    source="harbour",
    kind="section",
    parser="harbour.section",
    revision=1,
    pages=1,
    articles=40,
    comments=0,
    filled={},
)


def run(number: int, filled: int, rows: int = 40, **fields: object) -> RunRates:
    rates = replace(RATES, articles=rows, filled={"article.label": filled}, **fields)  # type: ignore[arg-type]
    return RunRates(run_id=number, command="harvest", started_at=NOON + timedelta(hours=number), rates=rates)


def history(*filled: int, rows: int = 40) -> list[RunRates]:
    """Runs, oldest first, with so many labels in each."""
    return [run(number, one, rows) for number, one in enumerate(filled, 1)]


def only(found: tuple[Fall, ...]) -> Fall:
    (fall,) = found
    return fall


def test_the_field_the_shares_and_the_first_run_are_told() -> None:
    fall = only(falls(history(40, 40, 39, 0, 1)))
    assert (fall.source, fall.kind, fall.parser, fall.revision) == (
        "harbour",
        "section",
        "harbour.section",
        1,
    )
    assert (fall.field, fall.command) == ("article.label", "harvest")
    assert (fall.before, fall.now) == (119 / 120, 1 / 80)
    assert (fall.rows_before, fall.rows_now) == (120, 80)
    assert [one.run_id for one in fall.runs] == [5, 4]
    assert fall.since.run_id == 4


@pytest.mark.parametrize(
    "filled",
    [
        pytest.param((), id="no run"),
        pytest.param((0,), id="a first run"),
        pytest.param((40, 40, 40), id="all as before"),
        pytest.param((0, 0, 0), id="never filled"),
        pytest.param((0, 40, 40), id="a rise"),
        pytest.param((40, 40, 36), id="a few less"),
        pytest.param((40, 40, 0, 0, 40), id="mended"),
        pytest.param((40, 5, *[40] * 6, 6, *[40] * 6, 5), id="as low as every week"),
    ],
)
def test_what_is_no_fall(filled: tuple[int, ...]) -> None:
    assert falls(history(*filled)) == ()


def test_a_fault_of_long_ago_does_not_hide_another() -> None:
    fall = only(falls(history(*[40] * 6, 0, *[40] * 8, 0)))
    assert fall.since.run_id == 16


def test_a_small_fall_of_very_many_rows_is_none() -> None:
    before = [50_000] * 3
    assert falls(history(*before, 48_000, rows=50_000)) == ()
    assert len(falls(history(*before, 47_000, rows=50_000))) == 1


def test_a_tiny_run_does_not_alarm_but_many_of_them_do() -> None:
    before = history(40, 40, 40)
    tiny = [run(number, 0, rows=6) for number in range(4, 12)]
    for more in range(LEAST_ROWS // 6):
        assert falls([*before, *tiny[:more]]) == ()
    fall = only(falls([*before, *tiny[:5]]))
    assert (fall.rows_now, fall.since.run_id) == (30, 4)


def test_tiny_runs_alone_are_compared_together() -> None:
    runs = [run(number, 5 if number < 10 else 0, rows=5) for number in range(20)]
    assert only(falls(runs)).since.run_id == 10


def test_another_parser_or_command_is_another_series() -> None:
    low = run(5, 0)
    for other in (
        replace(low, command="reparse"),
        replace(low, rates=replace(low.rates, parser="harbour.comments")),
        replace(low, rates=replace(low.rates, kind="comments")),
        replace(low, rates=replace(low.rates, source="quay")),
    ):
        assert falls([*history(40, 40, 40), other]) == ()
    renewed = replace(low, rates=replace(low.rates, revision=2))
    assert only(falls([*history(40, 40, 40), renewed])).revision == 2


def test_falls_are_in_order_whichever_run_is_the_newest() -> None:
    for first in (0, 20):
        runs = [
            run(number, labels, source=source)
            for source, start in (("quay", first), ("harbour", 10))
            for number, labels in enumerate((40, 40, 40, 0), start)
        ]
        assert [fall.source for fall in falls(runs)] == ["harbour", "quay"]


def test_a_revision_that_does_not_show_the_field_has_not_lost_it() -> None:
    silent = run(4, 0)
    silent = replace(silent, rates=replace(silent.rates, filled={}))
    assert falls([*history(40, 40, 40), silent]) == ()


def test_of_nothing_nothing_is_said() -> None:
    assert z_of((0, 0), (3, 5)) == 0
    assert z_of((5, 5), (5, 5)) == 0
    assert falls([*history(40, 40, 40), run(4, 0, rows=0)]) == ()
    assert dispersion([(3, 5)], [(5, 5)]) == 0


def test_two_runs_before_are_too_few() -> None:
    assert falls(history(40, 40, 0)) == ()
    assert only(falls(history(40, 40, 40, 0))).since.run_id == 4


def test_days_that_differ_more_than_chance_are_no_fall() -> None:
    wild = [(20, 40), (38, 40), (22, 40), (36, 40)]
    assert dispersion(wild) > 5 * dispersion([(28, 40), (30, 40), (29, 40), (31, 40)])
    steady = history(*[290, 300] * 5, 200, rows=400)
    swinging = history(*[220, 380] * 5, 200, rows=400)
    assert (len(falls(steady)), falls(swinging)) == (1, ())


def test_a_year_of_days_with_moods_of_their_own_alarms_nobody() -> None:
    random = Random(11)
    year: list[RunRates] = []
    for number in range(1, 366):
        rows, mood = random.randint(10, 200), random.betavariate(35, 15)
        year.append(run(number, sum(random.random() < mood for _ in range(rows)), rows))
    assert [day for day in range(365) if falls(year[max(0, day - 20) : day + 1])] == []
    lost = [run(number, 0) for number in range(366, 368)]
    assert only(falls([*year[-20:], *lost])).since.run_id == 366


samples = st.integers(0, 300).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows)))


@given(st.lists(samples, max_size=12), st.randoms())
def test_a_fall_is_what_it_says_in_whatever_order_the_runs_come(counts, random) -> None:
    runs = [run(number, filled, rows) for number, (filled, rows) in enumerate(counts, 1)]
    found = falls(runs)
    random.shuffle(runs)
    assert falls(runs) == found
    for fall in found:
        assert 0 <= fall.now < fall.before <= 1
        assert min(fall.rows_now, fall.rows_before) >= LEAST_ROWS
        assert sum(one.rates.articles for one in fall.runs) == fall.rows_now
        assert fall.runs[0].run_id == max(one.run_id for one in runs if one.rates.articles)


@given(st.lists(st.integers(LEAST_ROWS, 400), min_size=4, max_size=12), st.integers(1, 12))
def test_a_field_lost_for_good_is_always_told(rows, lost) -> None:
    lost = min(lost, len(rows) - LEAST_RUNS)
    kept = len(rows) - lost
    runs = [run(number, one if number <= kept else 0, one) for number, one in enumerate(rows, 1)]
    assert only(falls(runs)).since.run_id == kept + 1


@given(samples, samples)
def test_z_changes_its_sign_with_its_sides(one, other) -> None:
    assert z_of(one, other) == pytest.approx(-z_of(other, one))


def test_the_dispersion_is_chi_squared_by_its_degrees_of_freedom() -> None:
    apart = ((20, 40), (30, 40))
    assert dispersion(apart) == pytest.approx(16 / 3)
    assert dispersion(apart, ((10, 10), (10, 10))) == pytest.approx(8 / 3)


def test_the_lowest_run_is_that_with_the_lowest_share() -> None:
    runs = [run(1, 100, rows=200), *(run(number, 40) for number in range(2, 15)), run(15, 19)]
    assert only(falls(runs)).since.run_id == 15


def test_a_fall_of_exactly_the_least_is_one() -> None:
    assert len(falls(history(5_000, 5_000, 5_000, 2_500, rows=50_000))) == 1


def test_a_newest_run_just_between_both_sides_is_still_low() -> None:
    assert only(falls(history(*[40] * 21, 16, 32))).since.run_id == 22
