"""A fleet on a real PostgreSQL: commands that queue their work, and workers in processes of their own."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.kit.child import Child, begun, ended
from tests.kit.databases import created, url_of
from tests.kit.rig import Rig
from tests.site.server import SiteServer

MAIN = "from ingest.cli.main import main\nmain()\n"
SETTINGS = """
runner = "{runner}"
contact = "tests@localhost"

[fleet]
pages = {pages}
heartbeat = 0.25
stalled_after = 1.5
tries = {tries}

[sources.rantburg]
base_url = "{base_url}"
delay = {delay}
"""


def new_database(server: str) -> str:
    """The URL of a new database on the server."""
    return url_of(server, created(server, "template1"))


class FleetRig(Rig):
    """A site, a database on the server, an archive, which is a folder if no other is named.

    ``run`` calls the program, ``worker`` begins a worker.
    """

    def __init__(
        self,
        site: SiteServer,
        folder: Path,
        server: str,
        *,
        pages: int = 200,
        delay: float = 0.0,
        sources: str = "",
        tries: int = 10,
        archive: str | None = None,
    ) -> None:
        super().__init__(site, folder, new_database(server))
        self._home = folder
        self._archive = archive or str(self.archive)
        self.environment: Mapping[str, str] = {}
        for runner in ("local", "procrastinate"):
            words = {"runner": runner, "pages": pages, "base_url": site.url, "delay": delay, "tries": tries}
            (folder / f"{runner}.toml").write_text(SETTINGS.format(**words) + sources, "utf-8")

    def begin(self, *words: str, runner: str = "procrastinate", prepared: str = "") -> Child:
        """The program, begun in a process group of its own, once it has run ``prepared``.

        ``environment`` is added to ours: what makes one machine another.
        """
        program = [sys.executable, "-c", prepared + MAIN, "--config", str(self._home / f"{runner}.toml")]
        where = ["--database", self.url, "--archive", self._archive]
        return begun([*program, *where, *words], self._home, environment=self.environment)

    def run(self, *words: str, runner: str = "procrastinate", within: float = 100.0) -> tuple[int, str, str]:
        """Its exit code, stdout and stderr."""
        return ended(self.begin(*words, runner=runner), within=within)

    def json(self, *words: str, runner: str = "procrastinate") -> Any:
        """What the program prints as JSON, once it has ended well."""
        code, out, err = self.run("--json", *words, runner=runner)
        assert code == 0, err
        return json.loads(out)

    def worker(self, *words: str, prepared: str = "") -> Child:
        """A worker, begun."""
        return self.begin("--quiet", "worker", *words, prepared=prepared)

    def close(self, *children: Child) -> None:
        """Read what ended children left in their pipes."""
        for child in children:
            child.communicate()

    def work(self, *words: str) -> None:
        """One worker until nothing is left."""
        code, _, err = self.run("worker", "--until-idle", *words)
        assert code == 0, err


def stop(child: Child, *, within: float = 30.0) -> tuple[int, str]:
    """Its exit code and stderr, once it was asked to end."""
    child.terminate()
    _, err = child.communicate(timeout=within)
    return child.returncode, err
