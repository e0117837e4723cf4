"""Kept captures are handed out in one order, whatever their ids and however many at once."""

from ingest.store import Store
from tests.kit.parsed import at
from tests.kit.visits import capture_row

TODAY = "https://harbour.example/?D=05/04/2021&HC=1&SO="
TOMORROW = "https://harbour.example/?D=05/05/2021&HC=1&SO="


def test_captures_of_one_moment_come_by_digest_and_address(store: Store) -> None:
    in_order = [(0, "b", TODAY), (1, "a", TOMORROW), (1, "b", TODAY), (1, "b", TOMORROW), (2, "a", TODAY)]
    with store.transaction() as transaction:
        for hours, digest, url in reversed(in_order):
            transaction.captures.add(capture_row(captured_at=at(hours), digest=digest * 64, url=url))
    found, after = [], None
    while some := store.captures.kept_after("harbour", after, 1):
        found += [(one.row.captured_at, one.row.digest[0], one.row.url) for one in some]
        after = (some[-1].row.captured_at, some[-1].capture_id)
    assert found == [(at(hours), digest, url) for hours, digest, url in in_order]
