"""The table of other readers counts what a reader by pages loses, doubles and never gets."""

import json
from dataclasses import replace

from tests.bench.others_engines import outcomes, wordpress
from tests.site.engines.reading import ask


def by_pages(url: str) -> tuple[int, list[str]]:
    """A reader that believes every page and stops at the first it cannot read."""
    held: list[str] = []
    for page in range(1, 9):
        response = ask(f"{url}wp-json/wp/v2/comments?per_page=20&page={page}")
        if response.status != 200 or response.body == b"[]":
            break
        held += [str(comment["id"]) for comment in json.loads(response.body)]
    return 0, held


def test_a_reader_by_pages() -> None:
    case = replace(wordpress(""), tool="by pages", ask=by_pages)
    rows = [(one.site, one.held, one.missing, one.doubled) for one in outcomes(case)]
    assert rows == [(57, 57, 0, 0), (56, 56, 1, 0), (58, 58, 1, 1), (57, 40, 17, 0)]
