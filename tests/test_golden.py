"""Every fixture, one test a field: what the parser says is what was accepted."""

import json
from functools import cache
from pathlib import Path

import pytest

from ingest.jobs.packs.fixtures import ABSENT, Fixture, fields_of, read_all

ROOT = Path(__file__).parents[1] / "fixtures"
FIXTURES = {fixture.name: fixture for fixture in read_all(ROOT)}


@cache
def parsed(name: str) -> dict[str, object]:
    return dict(fields_of(json.loads(json.dumps(FIXTURES[name].parsed()))))


def accepted(fixture: Fixture) -> dict[str, object]:
    return dict(fields_of(fixture.accepted)) if fixture.accepted is not None else {}


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        pytest.param(fixture.name, field, value, id=f"{fixture.name}:{field}")
        for fixture in FIXTURES.values()
        for field, value in accepted(fixture).items()
    ],
)
def test_golden(name: str, field: str, value: object) -> None:
    assert parsed(name).get(field, ABSENT) == value


@pytest.mark.parametrize("name", FIXTURES)
def test_nothing_but_the_accepted_fields(name: str) -> None:
    fixture = FIXTURES[name]
    if fixture.accepted is None:
        (fixture.folder / "answer.new.json").write_text(
            json.dumps(fixture.parsed(), ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
        pytest.fail(f"review me: {fixture.folder / 'answer.new.json'}, then `thresher fixture accept {name}`")
    assert parsed(name).keys() == accepted(fixture).keys()
