"""Every invented answer of an engine, one test a field: what the parser says is what was accepted."""

from functools import cache

import pytest

from parsers import errors
from tests.parsers.engines.cases import Case, accepted_fields, all_cases, plain

CASES = {case.name: case for case in all_cases()}
READ = [case for case in CASES.values() if case.answer is not None]
REFUSED = [case for case in CASES.values() if case.error is not None]


@cache
def read_fields(name: str) -> dict[str, object]:
    return dict(accepted_fields(plain(CASES[name].read())))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        pytest.param(case.name, path, value, id=f"{case.name}:{path}")
        for case in READ
        for path, value in accepted_fields(case.answer)
    ],
)
def test_field(name: str, path: str, value: object) -> None:
    said = read_fields(name)
    assert path in said
    assert said[path] == value


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_refusal(case: Case) -> None:
    assert case.error is not None
    expected = getattr(errors, case.error["error"])
    with pytest.raises(expected, match=case.error.get("match")) as caught:
        case.read()
    assert type(caught.value) is expected
    assert caught.value.url == case.url
    assert caught.value.field == case.error.get("field")


@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_the_same_input_gives_the_same_answer(case: Case) -> None:
    assert case.read() == case.read()


def test_every_case_has_one_outcome() -> None:
    assert len(READ) + len(REFUSED) == len(CASES) > 0
