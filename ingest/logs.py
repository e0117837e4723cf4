"""Words for the operator, on stderr: what is logged, and how much of it."""

import logging

from rich.console import Console
from rich.logging import RichHandler

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


def set_up_logs(verbosity: int, console: Console) -> None:
    """Log to a console; -1 errors only, 0 warnings, 1 and above more."""
    handler = RichHandler(
        console=console, show_path=verbosity > 1, show_time=not console.is_terminal, markup=False
    )
    handler.setFormatter(Printable("%(message)s"))
    logging.basicConfig(level=LEVELS[max(-1, min(verbosity, 2))], handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
