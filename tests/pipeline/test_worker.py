"""A process that parses: crafted pages and dying processes cost one page each, never the run."""

import os
import resource
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import WorkerFailed
from ingest.pipeline.parse.limited_process import MEBIBYTE, THREADS, Answered, LimitedProcess, WorkerLimits
from ingest.pipeline.parse.worker import Worker
from ingest.records.parse_input import ParseInput
from parsers.errors import AddressUnknown, FieldMissing, PageBlocked, PageUnrecognised
from parsers.records import ParsedPage
from parsers.registry import source_named
from tests.kit.rig import DAY, busy_day
from tests.kit.waiting import until
from tests.site.render import encoded, section_page

NOW = datetime(2018, 4, 15, tzinfo=UTC)
URL = "http://www.rantburg.com/?D=04/14/2018&HC=1&SO="
PAGE = encoded(section_page(busy_day(), 1))
LEFT_OPEN = b"<p>" + b"".join(b"<b a%d>" % number for number in range(1500)) + b"<p>x" * 1500
GREEDY = PAGE.replace(b"</body>", LEFT_OPEN + b"</body>")
"""20 kB of formatting left open, which is opened anew in every paragraph: 2 million elements."""
SLOW = PAGE.replace(b"</body>", b"<dl><dd>" * 150_000 + b"</body>")
"""1.2 MB for which the tree is searched from bottom to top 150,000 times: minutes, on any machine."""


def question(body: bytes = PAGE, *, url: str = URL) -> ParseInput:
    return ParseInput(source="rantburg", body=body, url=url, captured_at=NOW, content_type="text/html")


def parses(worker: Worker) -> bool:
    page = worker.parse(question())
    return page == source_named("rantburg").parse(PAGE, url=URL, captured_at=NOW, content_type="text/html")


def process_of(worker: Worker) -> LimitedProcess[ParseInput, bytes]:
    """The one that is asked next."""
    return worker._idle.queue[-1]


def child_of(worker: Worker) -> int:
    process = process_of(worker)._process
    assert process is not None
    assert process.pid is not None
    return process.pid


def test_a_page_comes_back_as_it_was_parsed() -> None:
    with Worker() as worker:
        assert parses(worker)
        first = child_of(worker)
        assert parses(worker)
        assert child_of(worker) == first


@pytest.mark.parametrize(
    ("body", "url", "error"),
    [
        pytest.param(b"<p>Just a moment...</p>", URL, PageBlocked, id="wall"),
        pytest.param(b"", URL, PageUnrecognised, id="empty"),
        pytest.param(PAGE, "http://www.rantburg.com/nothing.php", AddressUnknown, id="address"),
        pytest.param(PAGE.replace(b"Sat 04/14/2018", b"-"), "", (PageUnrecognised, FieldMissing), id="date"),
    ],
)
def test_an_error_comes_back_as_it_was_raised(
    body: bytes, url: str, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    with Worker() as worker:
        with pytest.raises(error) as caught:
            worker.parse(question(body, url=url))
        assert getattr(caught.value, "url", None) == url
        assert parses(worker)


STARTS_ALOUD = """
import signal
from multiprocessing import util
from ingest.pipeline.parse.worker import Worker
from tests.pipeline.test_worker import process_of

spawn, blocked = util.spawnv_passfds, []


def aloud(*arguments):
    blocked.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    return spawn(*arguments)


util.spawnv_passfds = aloud
with Worker() as worker:
    process_of(worker)._start()
print(blocked)
"""


def test_the_first_process_of_all_starts_with_ctrl_c_blocked() -> None:
    command = [sys.executable, "-c", STARTS_ALOUD]
    # The resource tracker of multiprocessing, and the worker.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[True, True]\n"


FORKS = """
import os, signal
from multiprocessing import get_context, resource_tracker
from ingest.errors import WorkerFailed
from ingest.pipeline.parse.limited_process import MEBIBYTE, WorkerLimits
from ingest.pipeline.parse.worker import Worker
from tests.pipeline.test_worker import GREEDY, child_of, parses, process_of, question

with Worker(WorkerLimits(memory=600 * MEBIBYTE), may_fork=True) as worker:
    print(parses(worker))
    process = process_of(worker)._process
    process_of(worker)._pipe.close()
    process.join(20)
    print(process.exitcode, parses(worker))
    try:
        worker.parse(question(GREEDY))
    except WorkerFailed:
        print(parses(worker), resource_tracker._resource_tracker._pid)
"""


@pytest.mark.skipif(
    not THREADS.is_dir(), reason="only Linux lists a process's threads: elsewhere none is copied"
)
def test_a_copy_of_a_process_without_threads_parses_within_its_limits() -> None:
    """It ends by itself when nobody asks it any more."""
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n0 True\nTrue None\n"


@pytest.mark.long
def test_a_page_that_takes_too_long_fails_and_the_next_one_works() -> None:
    with Worker(WorkerLimits(seconds=6.0)) as worker:
        with pytest.raises(WorkerFailed, match=r"took over 6 s \(http://www.rantburg.com/") as caught:
            worker.parse(question(SLOW))
        assert caught.value.url == URL
        assert parses(worker)


def test_a_page_that_takes_too_much_memory_fails_and_ours_stays_flat() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Worker(WorkerLimits(seconds=60.0, memory=300 * MEBIBYTE)) as worker:
        assert parses(worker)
        with pytest.raises(WorkerFailed):
            worker.parse(question(GREEDY))
        assert parses(worker)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < 50 * MEBIBYTE


def test_a_process_that_was_killed_costs_no_page() -> None:
    with Worker() as worker:
        assert parses(worker)
        os.kill(child_of(worker), signal.SIGKILL)
        assert parses(worker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do in the process, and with whom."""

    url: str
    died: str | None = None


def obey(order: Order) -> str:
    """Answers, or ends its process: always, or only the first two times, as a file tells."""
    if order.url == "dies" and (order.died is None or len(Path(order.died).read_bytes()) < 2):
        if order.died is not None:
            with Path(order.died).open("ab") as deaths:
                deaths.write(b"x")
        os.kill(os.getpid(), signal.SIGKILL)
    return f"{order.url} done"


def came_of(*orders: Order) -> list[str]:
    with LimitedProcess(obey) as process:
        return [one.value if isinstance(one, Answered) else str(one) for one in process.ask(orders)]


@pytest.mark.long
def test_a_page_that_ends_its_process_three_times_fails_and_the_others_do_not() -> None:
    assert came_of(Order(url="a"), Order(url="dies"), Order(url="b")) == [
        "a done",
        "parsing the page ended its process (dies)",
        "b done",
    ]


@pytest.mark.long
def test_a_page_whose_process_ended_twice_is_asked_for_again(tmp_path: Path) -> None:
    died = tmp_path / "died"
    died.touch()
    orders = (Order(url="a"), Order(url="dies", died=str(died)), Order(url="b"))
    assert came_of(*orders) == ["a done", "dies done", "b done"]


@pytest.mark.long
def test_whoever_stops_listening_gets_a_fresh_process() -> None:
    with LimitedProcess(obey) as process:
        answers = process.ask([Order(url="a"), Order(url="b")])
        assert next(answers) == Answered(value="a done")
        answers.close()
        assert list(process.ask([Order(url="c")])) == [Answered(value="c done")]


def test_a_page_nobody_can_send_is_a_failure_of_the_page() -> None:
    with Worker() as worker, pytest.raises(WorkerFailed, match="failed: AttributeError"):
        worker.parse(question(None))  # type: ignore[arg-type]


def test_what_is_closed_from_another_thread_ends_at_once() -> None:
    worker = Worker()
    assert parses(worker)
    came: list[Exception] = []

    def ask() -> None:
        with pytest.raises(WorkerFailed) as caught:
            worker.parse(question(SLOW))
        came.append(caught.value)

    process, child = process_of(worker), child_of(worker)
    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: process._asked)
    worker.__exit__(None, None, None)
    asking.join()
    # Not "took over 20 s": nobody waited for that.
    assert "ended its process" in str(came[0])
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_no_process_is_left_behind() -> None:
    with Worker() as worker:
        assert parses(worker)
        child = child_of(worker)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_worker_that_was_never_asked_starts_nothing() -> None:
    with Worker() as worker:
        assert process_of(worker)._process is None


def test_a_ctrl_c_does_not_reach_the_process() -> None:
    with Worker() as worker:
        assert parses(worker)
        os.kill(child_of(worker), signal.SIGINT)
        assert isinstance(worker.parse(question()), ParsedPage)


def test_the_day_of_these_tests() -> None:
    with Worker() as worker:
        assert worker.parse(question()).date == DAY


PARENT = """
import sys, time
from tests.pipeline.test_worker import SLOW, child_of, question
from ingest.pipeline.parse.limited_process import WorkerLimits
from ingest.pipeline.parse.worker import Worker
with Worker(WorkerLimits(seconds=120)) as worker:
    worker.parse(question())
    print(child_of(worker), flush=True)
    if sys.argv[1] == "parsing":
        worker.parse(question(b"<div>" * 200_000))
    time.sleep(120)
"""


@pytest.mark.long
@pytest.mark.parametrize("busy", ["parsing", "idle"])
def test_it_ends_with_a_parent_that_is_killed(busy: str) -> None:
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, busy], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    if busy == "parsing":
        before = processor_time(worker)
        until(lambda: processor_time(worker) > before + 0.2)
    parent.kill()
    parent.communicate()
    until(lambda: is_over(worker), within=5)


def processor_time(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


def is_over(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
