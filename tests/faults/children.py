"""``thresher`` in processes of its own: killed, stopped, left to work beside one another."""

import sys
from datetime import date
from pathlib import Path

from tests.kit.child import Child, begun
from tests.kit.rig import Rig

MAIN = "from ingest.cli.main import main\nmain()\n"


def thresher(rig: Rig, *words: str, prepared: str = "", path: str = "") -> Child:
    """A command, begun in a process group of its own, once it has run the program ``prepared``.

    ``path`` is a folder of packs that are installed for it.
    """
    command = [sys.executable, "-c", prepared + MAIN, "--database", rig.url, "--archive", str(rig.archive)]
    command += words
    return begun(command, rig.archive.parent, packs=path)


def backfill_words(rig: Rig, since: date, until: date, *, delay: float = 0.0) -> list[str]:
    """The words of ``thresher backfill`` of a window from the rig's site."""
    window = ["--since", since.isoformat(), "--until", until.isoformat()]
    return ["backfill", "rantburg", *window, "--base-url", rig.site.url, "--delay", str(delay)]


def stopped(child: Child) -> bool:
    """Whether it was stopped, by a signal or by itself."""
    return " T " in Path(f"/proc/{child.pid}/stat").read_text("utf-8")
