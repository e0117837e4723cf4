"""Kept captures are handed out in one order, whatever their ids and however many at once."""

from collections.abc import Callable

from sqlalchemy import Engine, event

from ingest.store import Store
from tests.kit.parsed import NOON, at
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


def test_addresses_are_compared_by_their_bytes_in_a_database_of_any_language(
    newest_postgresql: Callable[[], str],
) -> None:
    # The tests' own server has no other language than C: what it is asked must say so.
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with Store.open(newest_postgresql()) as store:
            with store.transaction() as transaction:
                first, _ = [transaction.captures.add(capture_row(url=url)) for url in (TODAY, TOMORROW)]
            asked.clear()
            store.captures.kept_after("harbour", (NOON, first), 1)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    everywhere = " ".join(asked)
    assert (
        'ORDER BY captures.captured_at, captures.digest, (captures.url COLLATE "C"), captures.id'
        in everywhere
    )
    assert '(captures.digest, (captures.url COLLATE "C"), captures.id) > ' in everywhere
    assert '(captures.digest, (captures.url COLLATE "C")) > ' in everywhere
