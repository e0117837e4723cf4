"""What the console does besides showing, in a thread of its own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ingest.console import actions as module
from ingest.console.actions import MOST, Actions, TooMuch
from ingest.errors import Busy
from ingest.settings import Settings
from tests.console.browser import Browser
from tests.console.held import DAY
from tests.kit.fakes import FakeClock
from tests.kit.waiting import until


class Outcome:
    run_outcome = "complete"


@pytest.fixture
def actions(settings: Settings, clock: FakeClock) -> Actions:
    return Actions(settings, clock)


def ended(actions: Actions) -> str:
    until(lambda: actions.newest[0].state not in {"waiting", "running"})
    return actions.newest[0].state


def fails(error: Exception) -> Callable[..., Any]:
    def work(*_: object, **__: object) -> Any:
        raise error

    return work


def test_a_page_of_the_quarantine_is_parsed_again(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[Any] = []
    monkeypatch.setattr(module, "reparse", lambda one, *_, **__: wanted.append(one) or Outcome)
    answer = browser.post("/quarantine?id=5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/quarantine")
    until(lambda: "parse capture 2 of rantburg again" in browser.get("/quarantine").text and wanted)
    assert [(one.source.name, one.only) for one in wanted] == [("rantburg", {2})]
    assert browser.post("/quarantine?id=6").status_code == 404


def test_a_day_is_repaired(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[Any] = []

    async def repaired(one: Any, *_: object, **__: object) -> type[Outcome]:
        wanted.append(one)
        return Outcome

    monkeypatch.setattr(module, "repair", repaired)
    answer = browser.post("/day?source=rantburg&day=2018-03-25")
    assert answer.headers["location"] == "/day?source=rantburg&day=2018-03-25"
    until(lambda: wanted)
    assert (str(wanted[0].since), str(wanted[0].until)) == ("2018-03-25", "2018-03-25")
    assert browser.post("/day?source=nobody&day=2018-03-25").status_code == 404


def test_an_action_that_fails_says_why(actions: Actions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "reparse", fails(Busy("another run holds rantburg")))
    actions.retry("rantburg", 2)
    assert ended(actions) == "failed"
    assert actions.newest[0].error == "another run holds rantburg"
    monkeypatch.setattr(module, "reparse", fails(ZeroDivisionError()))
    actions.retry("rantburg", 2)
    assert ended(actions) == "failed"
    assert actions.newest[0].error == "a bug in thresher: see the log"
    actions.close()


def test_a_page_that_is_still_not_parsed_is_no_success(
    actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "reparse", lambda *_, **__: type("Some", (), {"run_outcome": "incomplete"}))
    actions.retry("rantburg", 2)
    assert ended(actions) == "incomplete"
    actions.close()


def test_only_so_much_may_wait(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    leave = threading.Event()
    monkeypatch.setattr(module, "reparse", lambda *_, **__: leave.wait(10) and Outcome)
    for _ in range(MOST):
        assert browser.post("/quarantine?id=5").status_code == 303
    assert browser.post("/quarantine?id=5").status_code == 429
    leave.set()


def test_a_console_that_ends_begins_nothing_more(actions: Actions) -> None:
    actions.close()
    with pytest.raises(TooMuch):
        actions.retry("rantburg", 2)


def test_a_repair_ends_at_its_next_page_when_the_console_does(
    actions: Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    async def repaired(_: Any, workspace: Any, **__: object) -> type[Outcome]:
        begun.set()
        until(lambda: workspace.stop.asked)
        return Outcome

    monkeypatch.setattr(module, "repair", repaired)
    actions.repair("rantburg", DAY)
    assert begun.wait(10)
    actions.close()
    assert actions.newest[0].state == "complete"
