"""``thresher console``: what is held, in a browser."""

import asyncio
import secrets
import signal
from collections.abc import Callable

import click

from ingest.cli.output.browser import console_of
from ingest.cli.session import Session, pass_session
from ingest.records.chosen import LAST_PORT
from ingest.runner.monitoring.http import ADDRESS, HOSTS, served

PORT = 8320
SHORTEST_TOKEN = 16
LOOPBACK = HOSTS | {"::1"}
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - named to ask for more where it is chosen


@click.command("console")
@click.option(
    "--port", type=click.IntRange(0, LAST_PORT), default=PORT, show_default=True, metavar="N",
    help="0 takes a free port.",
)  # fmt: skip
@click.option(
    "--host", default=ADDRESS, show_default=True, metavar="ADDRESS", help="The address to listen at."
)
@click.option(
    "--name", "names", multiple=True, metavar="HOST", help="Another name that browsers reach this machine by."
)
@click.option(
    "--token",
    envvar="THRESHER_CONSOLE_TOKEN",
    metavar="TEXT",
    help="Ask for this token. Beyond loopback there always is one.  [default there: a new one]",
)
@pass_session
def console_command(
    session: Session, *, port: int, host: str, names: tuple[str, ...], token: str | None
) -> None:
    """Show what is held in a browser, until interrupted; by default to this machine alone.

    Example: thresher console --port 8080
    """
    token = _token(host, names, token)
    with (
        session.reading() as store,
        console_of(session, store, token=token) as console,
        served(port, {}, address=host, names=_names(host, names), mounted=console) as bound,
    ):
        asyncio.run(_until_stopped(lambda: _say(session, host, names, bound, token)))


def _token(host: str, names: tuple[str, ...], token: str | None) -> str | None:
    """The token to ask for; None where everybody who can ask may look."""
    if host in EVERY_ADDRESS and not names:
        raise click.UsageError(f"--host {host} needs a --name: the one that browsers reach this machine by")
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise click.UsageError(f"the token has fewer than {SHORTEST_TOKEN} characters")
    if host in LOOPBACK and not names:
        return token
    return token or secrets.token_urlsafe()


def _names(host: str, names: tuple[str, ...]) -> frozenset[str]:
    """The hosts that a request may be for; an address of IPv6 has brackets there."""
    own = {f"[{host}]" if ":" in host else host} - EVERY_ADDRESS
    return frozenset(name.lower() for name in {*HOSTS, *own, *names})


def _say(session: Session, host: str, names: tuple[str, ...], port: int, token: str | None) -> None:
    shown = names[0] if names else f"[{host}]" if ":" in host else host
    session.say(f"http://{shown}:{port}/")
    if token is not None:
        session.say(f"token: {token}")


async def _until_stopped(ready: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    ready()
    await stopped.wait()
