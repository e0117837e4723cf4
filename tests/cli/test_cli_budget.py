"""What the operator lets a source be asked for, and what a harvest would ask for."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call, on_loopback
from tests.site.server import SiteServer

DAY = "2018-03-23"


def test_a_harvest_ends_with_its_budget_and_says_so(call: Call, site: SiteServer, toml: Path) -> None:
    toml.write_text(on_loopback(site) + "pages_per_visit = 1\n")
    called = call("harvest", "rantburg", "--date", DAY, "--date", "2018-03-22")
    assert (called.code, len(site.pages_asked)) == (1, 1)
    assert "1 of 1 pages a visit are used" in called.err
    assert "the budget of 1 pages a visit is used up: the rest is not asked for" in called.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("page_per_day = 1", "(did you mean 'pages_per_day'?)"),
        ("bytes_per_day = 0", "greater than or equal to 1"),
        ('pages_per_visit = "many"', "valid integer"),
    ],
)
def test_a_budget_is_checked(call: Call, site: SiteServer, toml: Path, line: str, words: str) -> None:
    toml.write_text(on_loopback(site) + line + "\n")
    called = call("harvest", "rantburg", "--date", DAY)
    assert (called.code, words in called.err, site.pages_asked) == (2, True, [])


def test_a_rehearsal_names_the_requests_and_makes_none(
    call: Call, site: SiteServer, toml: Path, database: str
) -> None:
    toml.write_text(on_loopback(site) + "pages_per_day = 2\n")
    called = call("harvest", "rantburg", "--date", DAY, "--dry-run")
    assert (called.code, site.requests) == (0, [])
    assert "a look at the catalogue" in called.out
    assert "0 of 2 pages a day are used" in called.out
    assert not Path(database).exists()
    call("harvest", "rantburg", "--date", DAY)
    before = Path(database).read_bytes(), len(site.requests)
    again = call("harvest", "rantburg", "--date", DAY, "--full", "--dry-run", "--json").json
    assert [(one["why"], one["if_listed"]) for one in again["requests"]][:2] == [
        ("whether it may be asked", False),
        ("a look at the catalogue", False),
    ]
    assert (again["pages_today"], again["pages_per_day"], again["dry_run"]) == (1, 2, True)
    assert (Path(database).read_bytes(), len(site.requests)) == before
