"""The index in the order of the files: all of it, once, and few rows in memory at a time."""

import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, insert

from ingest.store import Store
from ingest.store.captures import kept
from ingest.store.captures.index import FIELDS
from ingest.store.captures.kept import Counted, HeldIn
from ingest.store.database.engine import read_url
from ingest.store.database.schema import captures
from tests.kit.parsed import NOON, at
from tests.kit.visits import capture_row

PLACES = [("two", 5), ("one", 30), ("one", 4), ("two", 100), ("one", 200), ("three", 1)]


def enter(store: Store, file: str, offset: int, **fields: object) -> int:
    with store.transaction() as tx:
        return tx.captures.add(capture_row(warc_file=file, offset=offset, **fields))


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_every_capture_comes_once_in_the_order_of_its_file(
    store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(kept, "AT_ONCE", at_once)
    for file, offset in PLACES:
        enter(store, file, offset)
    enter(store, "one", 7, source="another")
    found = [(one.row.warc_file, one.row.warc_offset) for one in store.captures.by_place("harbour")]
    assert sorted(found) == sorted(PLACES)
    for file, offsets in (("one", [4, 7, 30, 200]), ("two", [5, 100]), ("none", [])):
        assert [offset for name, offset in found if name == file] == [one for one in offsets if one != 7]
        assert list(store.captures.offsets_in(file)) == offsets
        assert [one.row.warc_offset for one in store.captures.by_place(file=file)] == offsets
    assert len(list(store.captures.by_place())) == 7
    assert list(store.captures.by_place("nobody")) == []


def test_what_lies_in_a_file_is_added_up_over_its_sources_and_a_window(store: Store) -> None:
    for hours, source in enumerate(("harbour", "another", "harbour")):
        enter(store, "one", hours, source=source, captured_at=at(hours))
    enter(store, "two", 1, captured_at=at(5))
    every = store.captures.held_in_files()
    assert every["one"] == HeldIn(sources=("another", "harbour"), captures=3, first=NOON, last=at(2))
    assert every["two"].captures == 1
    assert store.captures.held_in_files("harbour", at(1), at(5)) == {
        "one": HeldIn(sources=("harbour",), captures=1, first=at(2), last=at(2))
    }
    assert store.captures.held_in_files(until=NOON) == {}


def test_a_capture_that_repeats_a_redacted_one_counts_as_redacted(store: Store) -> None:
    first = enter(store, "one", 1, error="redacted: asked")
    enter(store, "one", 2, refers_to=first)
    enter(store, "one", 3)
    assert store.captures.counted() == Counted(captures=3, redacted=2)
    assert store.captures.counted("nobody") == Counted(captures=0, redacted=0)


@pytest.mark.long
def test_ten_times_the_captures_need_no_more_memory(store: Store, url: str) -> None:
    def peak() -> int:
        tracemalloc.start()
        number = sum(1 for _ in store.captures.by_place()) + sum(1 for _ in store.captures.offsets_in("one"))
        assert number == 2 * made
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    made, peaks = 0, []
    engine = create_engine(read_url(url))
    for number in (1_500, 15_000):
        plain = [
            capture_row(warc_file="one", offset=offset, captured_at=NOON + timedelta(seconds=offset))
            for offset in range(made, number)
        ]
        with engine.begin() as connection:
            connection.execute(
                insert(captures), [{name: getattr(row, name) for name in FIELDS} for row in plain]
            )
        made = number
        del plain
        peaks.append(peak())
    engine.dispose()
    assert peaks[1] < 2 * peaks[0], peaks
