"""A process that parses the pages of a folder as often as it is asked, and says what each parse cost.

    python -m tests.bench.contender MODULE FOLDER

MODULE has ``parse(body, url)``, and ``answer(body, url)``: its result in the form of the truth. FOLDER has
``pages.json``, a list of files and addresses. Either environment can run this module.

    cost 3 4    the CPU and wall seconds that pages 3 and 4 take one after the other, as JSON
    answer 3    what is read in page 3, as JSON
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Contender:
    """Such a process, from outside; a context manager."""

    def __init__(self, python: Path, module: str, folder: Path, env: dict[str, str]) -> None:
        command = [str(python), "-m", "tests.bench.contender", module, str(folder)]
        self._process = subprocess.Popen(
            command, cwd=folder, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, command: str, *pages: int) -> Any:
        """What it says to one command."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("it has no pipes")
        self._process.stdin.write(f"{' '.join([command, *map(str, pages)])}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def write_pages(folder: Path, pages: Sequence[tuple[bytes, str]]) -> None:
    """What a contender reads: each page's bytes and address."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (body, _) in enumerate(pages):
        (folder / f"{number}.html").write_bytes(body)
    listed = [[f"{number}.html", url] for number, (_, url) in enumerate(pages)]
    (folder / "pages.json").write_text(json.dumps(listed), "utf-8")


def main(module: str, folder: Path) -> None:
    """Answer until there is nothing more to answer."""
    contender = import_module(module)
    listed = json.loads((folder / "pages.json").read_text("utf-8"))
    pages = [((folder / name).read_bytes(), url) for name, url in listed]
    for line in sys.stdin:
        command, *numbers = line.split()
        wanted = [pages[int(number)] for number in numbers]
        said = contender.answer(*wanted[0]) if command == "answer" else _cost(contender.parse, wanted)
        print(json.dumps(said), flush=True)


def _cost(parse: Callable[[bytes, str], object], pages: Sequence[tuple[bytes, str]]) -> dict[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    for body, url in pages:
        parse(body, url)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - began}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
