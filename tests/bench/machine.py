"""The machine that a table was measured on, in words."""

import os
import platform
import subprocess
from pathlib import Path

from tests.bench import peer_environment
from tests.bench.processes import ROOT


def notes() -> list[str]:
    """What a reader of the table has to know of where it was made."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB; load before the run {load}",
        f"{platform.system()}, Python {platform.python_version()}, thresher at {_commit()}",
        f"peers: {peer_environment.versions() or peer_environment.MISSING}",
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), "processor unknown"
    )


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "no commit"
