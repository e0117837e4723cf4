"""``thresher watch`` for minutes against a site with one fault in a hundred answers, of every kind.

    .venv/bin/python -m tests.faults.soak --minutes 10

Its schedules fire every few seconds. Memory (the proportional set of it and its worker) and open files are
sampled every second, and told for the beginning, the middle and the end; a worker is killed once a minute.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import mean

from ingest.clock import SystemClock
from tests.faults.children import thresher
from tests.faults.held import broken
from tests.faults.site import WatchedSite
from tests.kit import rows
from tests.kit.child import Child, ended
from tests.kit.rig import Rig, busy_day
from tests.site.faults import Answer, Fault, cut_body, cut_gzip, instead, redirect, too_many, unavailable

SEED = 4711
DAYS = 4
CHANCE = 0.01
MEBIBYTE = 1024 * 1024
MORE_MEMORY = 1.25
MORE_FILES = 6
OFTEN = """
from datetime import timedelta
import schedules.schedule
schedules.schedule.SHORTEST_EVERY = timedelta(seconds=1)
"""
SCHEDULES = """
[[schedule]]
id = "often"
kind = "harvest"
every = "3s"
recent = {days}
full = true

[[schedule]]
id = "check"
kind = "verify"
every = "20s"
"""
KINDS = (
    unavailable(strikes=1, every=1),
    too_many(retry_after="1"),
    cut_body(),
    cut_gzip(),
    redirect(to="http://127.0.0.2/"),
    instead(body=b"<p>Please log in</p>"),
    instead(body=b"", status=404),
    instead(body=b"<div>" * 2_000),
)


class UnsteadySite(WatchedSite):
    """Each kind of fault strikes one answer in a hundred."""

    def __init__(self, chance: random.Random) -> None:
        today = SystemClock().now().date()
        super().__init__(busy_day(today - timedelta(days=ago), number=ago) for ago in range(DAYS))
        self.answers = 0
        self.struck_by: Counter[str] = Counter()
        self._chance = chance

    def answer(self, path: str, headers: Iterable[tuple[str, str]]) -> Answer:
        fault = next((kind for kind in KINDS if self._chance.random() < CHANCE), None)
        self.faults = [] if fault is None or path == "/robots.txt" else [fault]
        answer = super().answer(path, headers)
        self.answers += 1
        if self.faults:
            self.struck_by[_named(fault)] += 1
        self.requests.clear()
        self.visited.clear()
        return answer


def _named(fault: Fault | None) -> str:
    return "" if fault is None else f"{fault.status} {fault.cut or fault.headers[:1] or len(fault.body)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Bytes of memory of a process and those it began, and its open files."""

    memory: int
    files: int


def sampled(pid: int) -> Sample:
    """How it stands with them now."""
    return Sample(
        memory=sum(_memory(one) for one in (pid, *children_of(pid))),
        files=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
    )


def children_of(pid: int) -> list[int]:
    """The processes that it began and that are alive."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _memory(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def begun(rig: Rig, folder: Path) -> Child:
    """``thresher watch`` with its configuration."""
    (folder / "schedules").mkdir()
    (folder / "schedules" / "rantburg.toml").write_text(SCHEDULES.format(days=DAYS), "utf-8")
    (folder / "thresher.toml").write_text(
        f'[sources.rantburg]\nbase_url = "{rig.site.url}"\ndelay = 0.0\n', "utf-8"
    )
    return thresher(rig, "--config", str(folder / "thresher.toml"), "--quiet", "watch", prepared=OFTEN)


def soaked(child: Child, seconds: float, chance: random.Random) -> list[Sample]:
    """A sample a second; now and then a worker of its dies."""
    samples: list[Sample] = []
    end, next_kill = time.monotonic() + seconds, time.monotonic() + 30
    while time.monotonic() < end:
        time.sleep(1)
        if child.poll() is not None:
            raise SystemExit(f"it ended: {child.communicate()}")
        samples.append(sampled(child.pid))
        if time.monotonic() > next_kill:
            next_kill += 60
            for worker in chance.sample(found := children_of(child.pid), min(1, len(found))):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
    return samples


def told(samples: list[Sample]) -> tuple[list[float], list[float]]:
    """Megabytes and open files: the beginning (once it is warm), the middle and the end."""
    fifth = max(1, len(samples) // 5)
    middle = len(samples) // 2
    parts = [samples[fifth : 2 * fifth], samples[middle : middle + fifth], samples[-fifth:]]
    return (
        [mean(one.memory for one in part) / MEBIBYTE for part in parts],
        [mean(one.files for one in part) for part in parts],
    )


def main(minutes: float) -> int:
    """0 if neither memory nor open files grew."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name, UnsteadySite(chance) as site:
        folder = Path(name)
        rig = Rig(site, folder)
        child = begun(rig, folder)
        try:
            samples = soaked(child, 60 * minutes, chance)
            began = time.monotonic()
            child.send_signal(signal.SIGTERM)
            code, _, err = ended(child)
            took = time.monotonic() - began
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
        memory, files = told(samples)
        runs = Counter(row["outcome"] for row in rows.table(rig.url, "runs"))
        print(f"{site.answers} answers, {site.struck_by.total()} faults: {dict(site.struck_by)}")
        print(f"runs {dict(runs)}, captures {len(rig.captures())}")
        print("memory     " + "  ".join(f"{one:.1f} MB" for one in memory) + "   (begin, middle, end)")
        print("open files " + "  ".join(f"{one:.1f}" for one in files))
        print(f"SIGTERM: exit code {code} after {took:.1f} s; {list(broken(rig)) or 'nothing broken'}")
        print(err[-2000:] if "Traceback" in err else "")
        grew = memory[-1] > MORE_MEMORY * memory[0] or files[-1] > files[0] + MORE_FILES
        return int(grew or "Traceback" in err or bool(list(broken(rig))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    sys.exit(main(parser.parse_args().minutes))
