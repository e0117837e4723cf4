"""Report moments that a fast clock entered: in words, and as JSON."""

from datetime import datetime

from ingest.cli.session import Session
from ingest.records.json_output import instant
from ingest.store import Store
from ingest.store.redating import Ahead


def warned(session: Session, store: Store) -> dict[str, object] | None:
    """Warns on stderr if anything stored is later than now; the same for ``--json``."""
    now = session.clock.now()
    found = store.moments.ahead(now=now)
    if found is not None:
        session.say(f"warning: {ahead_words(found, now)}")
    return ahead_json(found)


def ahead_words(found: Ahead, now: datetime) -> str:
    """One sentence, and what to do."""
    return (
        f"the clock says {now:%Y-%m-%d %H:%M} UTC, and {found.captures} captures and {found.runs} runs are "
        f"later, the last at {found.newest:%Y-%m-%d %H:%M}: if the clock is right, "
        "thresher db redate mends them"
    )


def ahead_json(found: Ahead | None) -> dict[str, object] | None:
    """The key ``later_than_now``: null if nothing is."""
    if found is None:
        return None
    return {"captures": found.captures, "runs": found.runs, "newest": instant(found.newest)}
