"""Which capture a later one may repeat."""

from datetime import timedelta

from ingest.store import Store
from tests.kit.parsed import NOON
from tests.kit.visits import capture_row

URL = "https://harbour.example/?D=05/04/2021&HC=1&SO="
HOUR = timedelta(hours=1)


def test_the_newest_full_response_of_the_address_is_the_original(store: Store) -> None:
    with store.transaction() as tx:
        tx.captures.add(capture_row(payload_sha1="A", record_id="<urn:1>"))
        newest = tx.captures.add(capture_row(payload_sha1="A", captured_at=NOON + HOUR))
        tx.captures.add(capture_row(payload_sha1="A", captured_at=NOON + 2 * HOUR, refers_to=newest))
        tx.captures.add(capture_row(payload_sha1="A", captured_at=NOON + 3 * HOUR, refers_to=newest))
        tx.captures.add(capture_row(payload_sha1="B", captured_at=NOON + 4 * HOUR))
    found = store.captures.original("harbour", URL, "A")
    assert found is not None
    assert (found.capture_id, found.row.captured_at, found.revisits) == (newest, NOON + HOUR, 2)
    assert store.captures.original("harbour", URL, "C") is None
    assert store.captures.original("harbour", URL + "1", "A") is None
    assert store.captures.original("other", URL, "A") is None


def test_a_revisit_comes_with_its_original(store: Store) -> None:
    with store.transaction() as tx:
        first = tx.captures.add(capture_row(payload_sha1="A", record_id="<urn:1>"))
        tx.captures.add(capture_row(payload_sha1="A", captured_at=NOON + HOUR, refers_to=first))
        tx.captures.add(capture_row(captured_at=NOON + 2 * HOUR, refers_to=4711))
    full, revisit, lost = store.captures.between()
    assert full.original is None
    assert revisit.original == full.row
    assert (lost.row.refers_to, lost.original) == (4711, None)
    # Also where the window does not hold the original.
    (alone,) = store.captures.between("harbour", NOON + HOUR, NOON + 2 * HOUR)
    assert alone.original == full.row


def test_the_very_same_response_is_known(store: Store) -> None:
    with store.transaction() as tx:
        tx.captures.add(capture_row(digest="a" * 64))
    assert store.captures.has("harbour", URL, NOON, "a" * 64)
    assert not store.captures.has("harbour", URL, NOON, "b" * 64)
    assert not store.captures.has("harbour", URL, NOON + HOUR, "a" * 64)
    assert not store.captures.has("other", URL, NOON, "a" * 64)
