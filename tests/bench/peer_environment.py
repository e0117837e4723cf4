"""Where the peers are installed, if they are: the environment that ``make bench`` makes."""

import os
import subprocess
from functools import cache
from pathlib import Path

from tests.bench.processes import ROOT

FOLDER = Path(os.environ.get("BENCH_PEERS", ROOT / ".venv-bench"))
"""``BENCH_PEERS`` names another."""
PYTHON = FOLDER / "bin" / "python"
MISSING = "the peers are not installed: `make bench` does it, or `make .venv-bench/.installed`"
NAMED = ("scrapy", "crawlee", "parsel", "lxml", "beautifulsoup4", "sqlite-utils", "yt-dlp", "warcio")
VERSIONS = """
import sys
from importlib.metadata import version
print(*(f"{name} {version(name)}" for name in sys.argv[1:]), sep=", ")
"""


def are_installed() -> bool:
    """Whether there are peers to measure beside."""
    return bool(versions())


@cache
def versions() -> str:
    """The peers with their versions; nothing where one is missing."""
    if not PYTHON.exists():
        return ""
    done = subprocess.run(
        [PYTHON, "-c", VERSIONS, *NAMED], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def program(name: str) -> Path:
    """A command of the peers' environment."""
    return FOLDER / "bin" / name
