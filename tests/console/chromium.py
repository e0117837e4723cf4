"""A real browser: the system's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from ingest.console.application import Console
from ingest.runner.monitoring.http import served
from ingest.settings import Settings
from ingest.store import Store
from tests.kit.fakes import FakeClock

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def found() -> str | None:
    """The program, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """It, without a window, for as long as the context."""
    with sync_playwright() as playwright:
        # It may be root's, who has no sandbox.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def console_at(database: str, archive: Path, clock: FakeClock) -> Iterator[str]:
    """The address of the console on loopback."""
    settings = Settings(database=database, archive=archive, contact="tests@localhost")
    with Store.read(database) as store:
        console = Console(settings, store, clock)
        with served(0, {}, mounted=console.application) as port:
            yield f"http://127.0.0.1:{port}"
        console.close()
