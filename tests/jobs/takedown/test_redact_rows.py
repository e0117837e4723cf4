"""The index of captures that were taken out of the archive, on both databases."""

from ingest.records.pages import Moved
from ingest.store import Store
from tests.kit.parsed import at
from tests.kit.visits import capture_row


def add(store: Store, file: str, offset: int, **fields: object) -> int:
    row = capture_row(offset, warc_file=file, captured_at=at(offset / 1000), payload_sha1="S", **fields)
    with store.transaction() as tx:
        return tx.captures.add(row)


def test_the_rows_of_a_file_move_and_others_stay(store: Store) -> None:
    ids = [add(store, "one", offset) for offset in (10, 20, 30)]
    other = add(store, "two", 20)
    assert [stored.row.warc_offset for stored in store.captures.in_file("one")] == [10, 20, 30]
    moved = {
        ids[0]: Moved(offset=10, length=700),
        ids[1]: Moved(offset=20, length=5, stub="<urn:x>", reason="asked"),
        ids[2]: Moved(offset=25, length=700),
        other: Moved(offset=99, length=1),
    }
    with store.transaction() as tx:
        tx.captures.move("one", "one.r1", moved)
    assert store.captures.in_file("one") == ()
    rows = [stored.row for stored in store.captures.in_file("one.r1")]
    assert [(row.warc_offset, row.warc_length, row.redacted) for row in rows] == [
        (10, 700, False),
        (20, 5, True),
        (25, 700, False),
    ]
    assert (rows[1].error, rows[1].record_id, rows[1].payload_sha1) == ("redacted: asked", "<urn:x>", None)
    assert [stored.row.warc_offset for stored in store.captures.in_file("two")] == [20]
    assert [one.capture_id for one in store.captures.kept_after("harbour", None, 9)] == [
        ids[0],
        other,
        ids[2],
    ]


def test_one_body_is_found_from_each_of_its_captures(store: Store) -> None:
    original = add(store, "one", 10)
    revisits = [add(store, "two", offset, refers_to=original) for offset in (10, 20)]
    alone = add(store, "two", 30)
    for asked in (original, *revisits):
        assert {one.capture_id for one in store.captures.with_their_body([asked])} == {original, *revisits}
    assert [one.capture_id for one in store.captures.with_their_body([alone])] == [alone]
    assert store.captures.with_their_body([]) == ()


def test_what_repeats_a_redacted_body_is_not_read_again(store: Store) -> None:
    original = add(store, "one", 10)
    revisit = add(store, "two", 20, refers_to=original)
    moved = {original: Moved(offset=10, length=5, stub="<urn:x>", reason="asked")}
    with store.transaction() as tx:
        tx.captures.move("one", "one.r1", moved)
    assert store.captures.kept_after("harbour", None, 9) == ()
    late = store.captures.one(revisit)
    assert late is not None
    assert (late.row.redacted, late.redacted) == (False, True)
