"""``thresher`` in processes of its own: killed, stopped, left to work beside one another."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

from tests.kit.rig import Rig

ROOT = Path(__file__).parents[2]
MAIN = "from ingest.cli.main import main\nmain()\n"

Child = subprocess.Popen[str]


def thresher(rig: Rig, *words: str, prepared: str = "", path: str = "") -> Child:
    """A command, begun in a process group of its own, once it has run the program ``prepared``.

    ``path`` is a folder of packs that are installed for it.
    """
    command = [sys.executable, "-c", prepared + MAIN, "--database", rig.url, "--archive", str(rig.archive)]
    command += words
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={
            **os.environ,
            "XDG_CONFIG_HOME": str(rig.archive.parent),
            "NO_COLOR": "1",
            "PYTHONPATH": os.pathsep.join((path, str(ROOT))),
        },
    )


def backfill_words(rig: Rig, since: date, until: date, *, delay: float = 0.0) -> list[str]:
    """The words of ``thresher backfill`` of a window from the rig's site."""
    window = ["--since", since.isoformat(), "--until", until.isoformat()]
    return ["backfill", "rantburg", *window, "--base-url", rig.site.url, "--delay", str(delay)]


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


def stopped(child: Child) -> bool:
    """Whether it was stopped, by a signal or by itself."""
    return " T " in Path(f"/proc/{child.pid}/stat").read_text("utf-8")
