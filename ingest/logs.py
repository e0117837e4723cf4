"""Words for the operator, on stderr: what is logged, and how much of it."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

LEVELS = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO, 2: logging.DEBUG}
CHATTY = (
    *("aiobotocore", "alembic", "apscheduler", "asyncio", "botocore", "chardet", "filelock", "fsspec"),
    *("httpcore", "httpx", "s3fs"),
)
"""Libraries whose lines name whole addresses, or nothing that an operator needs."""


class Printable(logging.Formatter):
    """Lines that can do nothing to a terminal, whatever the site made them quote."""

    def format(self, record: logging.LogRecord) -> str:
        """The message and its traceback without control characters."""
        words = super().format(record)
        return "".join(c if c.isprintable() or c == "\n" else " " for c in words)


class OnConsole(logging.Handler):
    """Writes to a console, which is made and imported with the first line: most commands log none."""

    def __init__(self, console: "Callable[[], Console]", *, show_path: bool) -> None:
        super().__init__()
        self._console = console
        self._show_path = show_path

    @cached_property
    def _handler(self) -> logging.Handler:
        from rich.logging import RichHandler

        console = self._console()
        handler = RichHandler(
            console=console, show_path=self._show_path, show_time=not console.is_terminal, markup=False
        )
        handler.setFormatter(Printable("%(message)s"))
        return handler

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        self._handler.emit(record)


def set_up_logs(verbosity: int, console: "Callable[[], Console]") -> None:
    """Log to a console; -1 errors only, 0 warnings, 1 and above more."""
    handler = OnConsole(console, show_path=verbosity > 1)
    logging.basicConfig(level=LEVELS[max(-1, min(verbosity, 2))], handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
