"""Processes of their own, to be killed, interrupted or starved of disk."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tests.kit.rig import DAY, Rig

ROOT = Path(__file__).parents[2]
THRESHER = Path(sys.executable).with_name("thresher")
NOTHING: Mapping[str, str] = MappingProxyType({})
Child = subprocess.Popen[str]

_begun: list[Child] = []


def begun(
    command: Sequence[str | Path],
    home: Path,
    *,
    packs: str = "",
    environment: Mapping[str, str] = NOTHING,
    listens: bool = False,
) -> Child:
    """The command, begun in a process group of its own; ``home`` has its settings.

    ``packs`` is a folder of packs that are installed for it; ``environment`` is added to ours; if it
    ``listens``, its stdin is a pipe.
    """
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE if listens else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={
            **os.environ,
            "XDG_CONFIG_HOME": str(home),
            "NO_COLOR": "1",
            "PYTHONPATH": os.pathsep.join((packs, str(ROOT))),
            **environment,
        },
    )
    _begun.append(child)
    return child


def program(words: str, home: Path, *arguments: object, listens: bool = False) -> Child:
    """A Python program, begun."""
    return begun([sys.executable, "-c", words, *map(str, arguments)], home, listens=listens)


def start(rig: Rig, *more: str, file_size: int | None = None) -> Child:
    """``thresher harvest`` of the day, begun; ``file_size`` is the most bytes a file of it may have."""
    command = [str(THRESHER), "--database", rig.url, "--archive", str(rig.archive), "harvest", "rantburg"]
    command += ["--date", DAY.isoformat(), "--base-url", rig.site.url, "--delay", "0", *more]
    if file_size is not None:
        # bash counts in blocks of 1,024 bytes.
        command = ["bash", "-c", f'ulimit -f {file_size // 1024}; exec "$@"', "limited", *command]
    return begun(command, rig.archive.parent)


def ended(child: Child, *, within: float = 100.0) -> tuple[int, str, str]:
    """Its exit code, stdout and stderr, when it has ended."""
    try:
        out, err = child.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        kill(child)
        raise
    return child.returncode, out, err


def kill(child: Child) -> None:
    """As the machine does it that runs out of memory: the whole group at once, no last words."""
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def kill_the_rest() -> None:
    """Kills what a test began and, because it failed, did not end: the next test shall not hear of it."""
    while _begun:
        child = _begun.pop()
        if child.returncode is None:
            kill(child)
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()
