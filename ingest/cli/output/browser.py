"""The console for the commands that serve it: its packages are an extra, and imported where it is wanted."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from ingest.cli.session import Session
from ingest.errors import ConfigurationError
from ingest.runner.monitoring.http import Mounted
from ingest.store import Store

if TYPE_CHECKING:
    from ingest.console.application import Console


@contextmanager
def console_of(session: Session, store: Store, *, token: str | None = None) -> Iterator[Mounted]:
    """The console of a store, for as long as the context.

    Raises:
        ConfigurationError: its packages are not installed.
    """
    kind = _kind()
    if kind is None:
        raise ConfigurationError("the console needs a few packages more: pip install 'thresher[console]'")
    with closing(kind(session.settings, store, session.clock, token=token)) as console:
        yield console.application


@contextmanager
def console_if_installed(session: Session, store: Store) -> Iterator[Mounted | None]:
    """The same, or None: for a command that does its work without it as well."""
    if _kind() is None:
        yield None
        return
    with console_of(session, store) as console:
        yield console


def _kind() -> "type[Console] | None":
    try:
        from ingest.console.application import Console  # noqa: PLC0415 - an extra of the distribution
    # One of its packages: which one does not matter, all come with the extra.
    except ModuleNotFoundError:
        return None
    return Console
