"""A lease is renewed for as long as its day is worked on, whatever the database says in between."""

import threading
from datetime import date
from types import SimpleNamespace

import pytest

import ingest.jobs.lease
from ingest.clock import SystemClock
from ingest.errors import StoreUnusable
from ingest.jobs.lease import renewed
from ingest.store import Lease

LEASE = Lease(source="harbour", day=date(2018, 4, 14), owner="me", fences={1: 1})


class Heart:
    """Answers as it is told to, and then that the lease was renewed."""

    def __init__(self, *answers: bool | StoreUnusable) -> None:
        self.answers = list(answers)
        self.beats = 0
        self.enough = threading.Event()

    def renew(self, *_: object, **__: object) -> bool:
        self.beats += 1
        answer = self.answers.pop(0) if self.answers else True
        if not self.answers:
            self.enough.set()
        if isinstance(answer, StoreUnusable):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.jobs.lease, "HEARTBEAT", 0.01)


def test_a_locked_database_does_not_end_it() -> None:
    heart = Heart(True, StoreUnusable("database is locked"), StoreUnusable("database is locked"), True)
    with renewed(LEASE, SimpleNamespace(leases=heart), SystemClock()):  # type: ignore[arg-type]
        assert heart.enough.wait(10)
    assert heart.beats >= 4


def test_a_lost_lease_is_not_renewed_again() -> None:
    heart = Heart(True, False)
    with renewed(LEASE, SimpleNamespace(leases=heart), SystemClock()) as thread:  # type: ignore[arg-type]
        assert heart.enough.wait(10)
        thread.join(10)
        assert not thread.is_alive()
    assert heart.beats == 2
