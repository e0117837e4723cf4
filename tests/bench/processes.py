"""Processes whose cost is measured from start to end, as an operator starts them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.rows import Cost

ROOT = Path(__file__).parents[2]
THRESHER = Path(sys.executable).with_name("thresher")
LOOK_EVERY = 0.05
NO_HEAP_BACK = {
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "67108864",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
}
"""The C library keeps what a page has used; else a bare tree pays page faults, by chance more or less."""


class Failed(Exception):
    """A measured program ended with an exit code that it should not have; the text has its last words."""


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a measured process is given: our own modules to import, and no settings of this user."""
    # Without stored bytecode every start would be that of a first run.
    dropped = ("THRESHER_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    homes = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
    return kept | homes | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "HOME": str(folder)} | dict(more or {})


def cost_of(
    command: Sequence[str | Path],
    folder: Path,
    *,
    more: Mapping[str, str] | None = None,
    memory: bool = False,
    accepted: Sequence[int] = (0,),
) -> Cost:
    """Run it in a folder; with ``memory`` its processes are looked at while they work.

    Raises:
        Failed: the exit code is none of the accepted ones.
    """
    log = folder / "output.txt"
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(folder, more),
            start_new_session=True,
        )
        held = _held_at_most(process.pid) if memory else 0
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        last = log.read_text("utf-8", "replace")[-2_000:]
        raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{last}")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=wall, memory=held)


def _held_at_most(leader: int) -> int:
    """The most bytes that all processes of a session held together, by their proportional shares."""
    most = 0
    while os.waitid(os.P_PID, leader, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        most = max(most, sum(_memory(process) for process in _session(leader)))
        time.sleep(LOOK_EVERY)
    return most


def _session(leader: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)
            except ProcessLookupError:
                pass


def _memory(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
    except (OSError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
