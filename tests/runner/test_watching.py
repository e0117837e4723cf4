"""The whole scheduler in this process: threads, signals, pages; steered as an operator does."""

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ingest.clock import SystemClock
from ingest.errors import ConfigurationError
from ingest.runner.scheduler.service import Watch
from ingest.runner.scheduler.source_scheduler import ActiveSchedules
from schedules.schedule import Every, Schedule
from tests.kit.waiting import until
from tests.runner.post import HOURLY, MINUTE, Post
from tests.runner.test_serving import asked

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOW = SystemClock().now
OFTEN = replace(HOURLY, id="often", when=Every(interval=MINUTE))

Script = Callable[[int], None]


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Scene:
    """Runs the scheduler while a script, in a thread, does what others do; then SIGTERM ends it."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.active = ActiveSchedules(settings=post.settings(), schedules=())
        self.fault: ConfigurationError | None = None
        self._failure: Exception | None = None

    def overdue(self, *schedules: Schedule, **chosen: object) -> None:
        """Put these in force: of each, one time was missed some minutes ago."""
        self.active = ActiveSchedules(settings=self.post.settings(**chosen), schedules=schedules)
        for schedule in schedules:
            self.post.store().claims.skip(schedule.key, schedule.source, [NOW() - 5 * MINUTE])

    def play(self, script: Script) -> bool:
        """Whether everything came to its end in time."""

        def ready(port: int | None) -> None:
            assert port is not None
            threading.Thread(target=self._act, args=(script, port)).start()

        store, clock = self.post.store(), SystemClock()
        watch = Watch(self.active, load=self._load, store=store, clock=clock)
        ended = asyncio.run(watch.run(0, ready))
        if self._failure is not None:
            raise self._failure
        return ended

    def _act(self, script: Script, port: int) -> None:
        try:
            script(port)
        except Exception as failure:  # noqa: BLE001 - it is raised where the test sees it
            self._failure = failure
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _load(self) -> ActiveSchedules:
        if self.fault is not None:
            raise self.fault
        return self.active


@pytest.fixture
def scene(post: Post) -> Scene:
    return Scene(post)


def test_what_was_missed_is_run_at_the_start_and_told_on_the_pages(scene: Scene) -> None:
    scene.overdue(OFTEN)
    seen: dict[str, object] = {}

    def script(port: int) -> None:
        until(lambda: "done" in scene.post.states(OFTEN))
        until(lambda: b'thresher_short_days{source="rantburg"} 0' in asked(port, "/metrics")[1])
        seen["metrics"] = asked(port, "/metrics")[1].decode()
        seen["health"] = asked(port, "/healthz")

    assert scene.play(script)
    status, body = seen["health"]  # type: ignore[misc]
    assert status == 200
    (health,) = json.loads(body)["schedules"]
    assert (health["schedule"], health["overdue"], health["last_state"]) == ("rantburg/often", False, "done")
    assert 'thresher_pages_total{outcome="done",source="rantburg"} 1.0' in str(seen["metrics"])
    assert 'thresher_last_success_age_seconds{schedule="often",source="rantburg"}' in str(seen["metrics"])
    assert "_created" not in str(seen["metrics"])


def test_a_schedule_that_is_overdue_makes_the_page_say_so(scene: Scene) -> None:
    """Another process has the source's turn and does not end."""
    scene.overdue(replace(OFTEN, when=Every(interval=MINUTE / 60)))
    told: list[bytes] = []

    def script(port: int) -> None:
        until(lambda: asked(port, "/healthz")[0] == 503)
        told.append(asked(port, "/healthz")[1])

    with scene.post.store().lock("watch/rantburg"):
        assert scene.play(script)
    assert json.loads(told[0])["status"] == "overdue"


@pytest.mark.long
def test_a_run_that_only_waits_for_a_host_makes_the_page_say_so(scene: Scene) -> None:
    end = NOW() + 30 * MINUTE
    scene.overdue(OFTEN)
    scene.post.store().turns.pause("127.0.0.1", now=NOW(), until=end)
    seen: list[bytes] = []

    def script(port: int) -> None:
        until(lambda: asked(port, "/healthz")[0] == 503)
        seen.append(asked(port, "/healthz")[1])

    assert scene.play(script)
    page = json.loads(seen[0])
    (health,) = page["schedules"]
    assert (page["status"], health["running"], health["overdue"]) == ("waiting", True, False)
    assert health["waiting"] == {"for": "a turn at 127.0.0.1", "until": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    assert health["last_success"] is None


@pytest.mark.long
def test_an_alarm_wakes_the_scheduler(scene: Scene) -> None:
    scene.overdue(replace(OFTEN, when=Every(interval=MINUTE / 60)))
    assert scene.play(lambda _: until(lambda: scene.post.states(OFTEN).count("done") >= 2))


@pytest.mark.long
def test_sighup_puts_what_is_read_in_force_and_a_bad_file_changes_nothing(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.overdue(OFTEN)
    other = replace(OFTEN, id="other")

    def script(_: int) -> None:
        until(lambda: "done" in scene.post.states(OFTEN))
        scene.fault = ConfigurationError("rantburg.toml is not TOML")
        os.kill(os.getpid(), signal.SIGHUP)
        until(lambda: "what was in force stays so: rantburg.toml is not TOML" in caplog.text)
        scene.fault = None
        scene.active = replace(scene.active, schedules=(replace(other, when=Every(interval=MINUTE / 60)),))
        os.kill(os.getpid(), signal.SIGHUP)
        until(lambda: "done" in scene.post.states(other))

    assert scene.play(script)
    assert "read again: 1 schedules in force" in caplog.text


@pytest.mark.long
def test_a_harvest_is_stopped_between_two_pages_and_goes_on_at_the_next_start(scene: Scene) -> None:
    """At a page every two seconds the harvest of the busy day takes some ten."""
    site = scene.post.site
    site.put(replace(site.days.popitem()[1], day=NOW().date()))
    scene.overdue(replace(OFTEN, recent=2), delay=1.0)

    assert scene.play(lambda _: until(lambda: len(site.pages_asked) >= 2))
    # It would have gone on to the last page otherwise.
    assert "running" in scene.post.states(OFTEN)
    asked_before = len(site.pages_asked)
    scene.active = ActiveSchedules(settings=scene.post.settings(), schedules=(replace(OFTEN, recent=2),))
    assert scene.play(lambda _: until(lambda: "running" not in scene.post.states(OFTEN)))
    assert len(site.pages_asked) > asked_before


def test_one_who_does_not_end_is_left(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.runner.scheduler.service.LEAVE_AFTER", 0.1)
    scene.overdue(OFTEN)
    asked, held = threading.Event(), threading.Event()
    own = scene.post.site.answer

    def slow(path: str, headers: object) -> object:
        asked.set()
        held.wait(100)
        return own(path, headers)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.post.site, "answer", slow)
    assert not scene.play(lambda _: until(asked.is_set))
    held.set()
    for thread in threading.enumerate():
        if thread.name == "watch rantburg":
            thread.join(100)
