"""The robots.txt that processes hand to one another."""

from ingest.records.robots import RobotsAnswer
from ingest.store import Store
from tests.kit.parsed import at

ORIGIN = "https://news.example:443"


def test_the_last_answer_of_an_origin_is_kept(store: Store, url: str) -> None:
    first = RobotsAnswer(status=200, body=b"User-agent: *\0\xff", asked_at=at(0))
    second = RobotsAnswer(status=404, body=b"", asked_at=at(25))
    assert store.robots.last(ORIGIN) is None
    store.robots.keep(ORIGIN, first)
    store.robots.keep("http://news.example:80", second)
    with Store.open(url) as another:
        assert another.robots.last(ORIGIN) == first
        another.robots.keep(ORIGIN, second)
    assert store.robots.last(ORIGIN) == second
