"""A lease is renewed for as long as it is worked on, whatever the database says in between."""

import threading

from ingest.errors import StoreUnusable
from ingest.store.coordination.heartbeat import heartbeat


class Heart:
    """Answers as it is told to, and then that the lease was renewed."""

    def __init__(self, *answers: bool | StoreUnusable) -> None:
        self.answers = list(answers)
        self.beats = 0
        self.enough = threading.Event()

    def renew(self) -> bool:
        self.beats += 1
        answer = self.answers.pop(0) if self.answers else True
        if not self.answers:
            self.enough.set()
        if isinstance(answer, StoreUnusable):
            raise answer
        return answer


def test_a_locked_database_does_not_end_it() -> None:
    heart = Heart(True, StoreUnusable("database is locked"), StoreUnusable("database is locked"), True)
    with heartbeat("the lease", 0.01, heart.renew):
        assert heart.enough.wait(10)
    assert heart.beats >= 4


def test_a_lost_lease_is_not_renewed_again() -> None:
    heart = Heart(True, False)
    with heartbeat("the lease", 0.01, heart.renew) as thread:
        assert heart.enough.wait(10)
        thread.join(10)
        assert not thread.is_alive()
    assert heart.beats == 2
