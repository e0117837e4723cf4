"""One harvest in a process of its own, to be killed, interrupted or starved of disk."""

import os
import subprocess
import sys
from pathlib import Path

from tests.kit.rig import DAY, Rig

ROOT = Path(__file__).parents[2]
THRESHER = Path(sys.executable).with_name("thresher")


def start(rig: Rig, *more: str, file_size: int | None = None) -> "subprocess.Popen[str]":
    """``thresher harvest`` of the day, begun; ``file_size`` is the most bytes a file of it may have."""
    command = [str(THRESHER), "--database", rig.url, "--archive", str(rig.archive), "harvest", "rantburg"]
    command += ["--date", DAY.isoformat(), "--base-url", rig.site.url, "--delay", "0", *more]
    if file_size is not None:
        # bash counts in blocks of 1,024 bytes.
        command = ["bash", "-c", f'ulimit -f {file_size // 1024}; exec "$@"', "limited", *command]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(rig.archive.parent), "NO_COLOR": "1"},
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """The process's exit code, stdout and stderr, when it has ended."""
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err
