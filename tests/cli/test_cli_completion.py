"""Completion: the script that a shell gets, and what it is answered."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Call

THRESHER = Path(sys.executable).parent / "thresher"
SITE = '[sources.raft]\nengine = "wordpress"\nbase_url = "https://raft.example"\nzone = "UTC"\n'


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(call: Call, shell: str) -> None:
    called = call("completion", shell)
    assert called.code == 0
    assert "_THRESHER_COMPLETE" in called.out


def test_a_shell_that_is_not_known(call: Call) -> None:
    assert call("completion", "csh").code == 2


def completed(words: Sequence[str], **environment: str) -> list[str]:
    """What bash is answered at the end of a line."""
    line = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    asked = {**os.environ, "_THRESHER_COMPLETE": "bash_complete", **line, **environment}
    done = subprocess.run([THRESHER], env=asked, capture_output=True, text=True, check=True)
    return [answer.partition(",")[2] for answer in done.stdout.splitlines()]


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "among"),
    [
        (["thresher", "har"], "harvest"),
        (["thresher", "harvest", "--fu"], "--full"),
        (["thresher", "harvest", "rant"], "rantburg"),
        (["thresher", "archive", "li"], "list"),
    ],
)
def test_commands_options_and_sources_are_completed(words: list[str], among: str) -> None:
    assert among in completed(words)


@pytest.mark.long
@pytest.mark.parametrize(("text", "names"), [(SITE, ["raft", "rantburg"]), ("[", ["rantburg"])])
def test_the_operators_own_sites_are_completed(tmp_path: Path, text: str, names: list[str]) -> None:
    config = tmp_path / "thresher.toml"
    config.write_text(text)
    assert completed(["thresher", "--config", str(config), "harvest", "ra"]) == sorted(names, key=str)
