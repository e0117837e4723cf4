"""A day's budget, which is one for all processes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from ingest.store import Store
from ingest.store.coordination.spending import Spent

DAY = date(2024, 5, 1)
MIDNIGHT = datetime(2024, 5, 1, tzinfo=UTC)


def test_those_who_ask_at_once_do_not_exceed_a_day_together(url: str) -> None:
    def work(_: int) -> list[int]:
        with Store.open(url) as store:
            store.spending.begin("harbour", DAY, since=MIDNIGHT)
            found = [store.spending.take("harbour", DAY, most_pages=10, most_bytes=None) for _ in range(5)]
        return [spent.pages for spent, taken in found if taken]

    Store.open(url).close()
    with ThreadPoolExecutor(4) as pool:
        taken = [pages for each in pool.map(work, range(4)) for pages in each]
    assert sorted(taken) == list(range(1, 11))


def test_what_is_received_counts_and_days_and_sources_do_not_mix(store: Store) -> None:
    spending = store.spending
    spending.begin("harbour", DAY, since=MIDNIGHT)
    assert spending.take("harbour", DAY, most_pages=None, most_bytes=100) == (Spent(pages=1, bytes=0), True)
    spending.add_bytes("harbour", DAY, 100)
    full = (Spent(pages=1, bytes=100), False)
    assert spending.take("harbour", DAY, most_pages=None, most_bytes=100) == full
    spending.begin("harbour", DAY, since=MIDNIGHT)
    assert spending.of("harbour", DAY, since=MIDNIGHT) == full[0]
    other = date(2024, 5, 2)
    assert spending.of("harbour", other, since=datetime(2024, 5, 2, tzinfo=UTC)) == Spent(pages=0, bytes=0)
    assert spending.of("quay", DAY, since=MIDNIGHT) == Spent(pages=0, bytes=0)
