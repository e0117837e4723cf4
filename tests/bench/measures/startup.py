"""What it costs that a command starts."""

from collections.abc import Iterator
from pathlib import Path
from sys import executable

from ingest.store import Store
from tests.bench import peer_environment
from tests.bench.measures.parse import section_pages
from tests.bench.options import Options
from tests.bench.processes import THRESHER, cost_of
from tests.bench.rows import Row, compared

BESIDE = "sqlite-utils --help"


def measure(options: Options) -> Iterator[Row]:
    """Each command in a process of its own, one after the other, round by round."""
    folder = options.folder / "startup"
    commands = _ours(folder) | _others()
    for command in commands.values():
        cost_of(command, folder)  # its bytecode is stored, its files are in the system's cache
    rounds = [
        {name: cost_of(command, folder) for name, command in commands.items()}
        for _ in range(options.times(11))
    ]
    beside = BESIDE if BESIDE in commands else "python -c pass"
    yield from compared("start-up", "a process from start to end", rounds, beside=beside, unit="run")


def _ours(folder: Path) -> dict[str, list[str | Path]]:
    folder.mkdir(parents=True, exist_ok=True)
    page = section_pages()[0]
    (folder / "page.html").write_bytes(page.body)
    with Store.open(str(folder / "held.sqlite3")):
        pass
    where = ("--database", folder / "held.sqlite3", "--archive", folder / "archive")
    return {
        "python -c pass": [executable, "-c", "pass"],
        "thresher --help": [THRESHER, "--help"],
        "thresher status": [THRESHER, *where, "status"],
        "thresher parse PAGE": [
            THRESHER,
            *where,
            "parse",
            "page.html",
            "--source",
            "rantburg",
            "--url",
            page.url,
        ],
    }


def _others() -> dict[str, list[str | Path]]:
    if not peer_environment.are_installed():
        return {}
    return {
        BESIDE: [peer_environment.program("sqlite-utils"), "--help"],
        "yt-dlp --help": [peer_environment.program("yt-dlp"), "--ignore-config", "--help"],
        "scrapy --help": [peer_environment.program("scrapy"), "--help"],
    }
