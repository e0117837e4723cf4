"""``thresher verify --accept-empty``: a day that shows none of its articles has none any more."""

from datetime import date

from ingest.cli.session import Session
from ingest.jobs.accept_empty import accept_empty
from parsers.source import Source


def run_accept(session: Session, source: Source, day: date) -> None:
    """Confirm it, and say so on stderr if that cannot show yet."""
    with session.store(make=False) as store:
        shows = accept_empty(source.name, day, folder=session.settings.archive, store=store)
    if not shows:
        session.say(
            f"{day}: accepted; its captures cannot all be read, so it counts from the next empty page on"
        )
