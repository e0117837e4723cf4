"""Report moments that a wrong clock entered: in words, and as JSON."""

from datetime import datetime

from ingest.cli.session import Session
from ingest.records.json_output import instant
from ingest.store import Store
from ingest.store.redating import Ahead, Early


def warned(session: Session, store: Store) -> dict[str, object] | None:
    """Warns on stderr if anything stored is later than now, or of before 1996; the former for ``--json``."""
    now = session.clock.now()
    found = store.moments.ahead(now=now)
    for words in wrong_words(found, store.moments.early(), now):
        session.say(f"warning: {words}")
    return ahead_json(found)


def wrong_words(later: Ahead | None, early: Early | None, now: datetime) -> list[str]:
    """A sentence for each kind of moments that cannot be right."""
    found = [ahead_words(later, now)] if later is not None else []
    return found + ([early_words(early)] if early is not None else [])


def ahead_words(found: Ahead, now: datetime) -> str:
    """One sentence, and what to do."""
    return (
        f"the clock says {now:%Y-%m-%d %H:%M} UTC, and {found.captures} captures and {found.runs} runs are "
        f"later, the last at {found.newest:%Y-%m-%d %H:%M}: if the clock is right, "
        "thresher db redate mends them"
    )


def early_words(found: Early) -> str:
    """One sentence, and what to do."""
    return (
        f"{found.captures} captures and {found.runs} runs are of before 1996, the first at "
        f"{found.oldest:%Y-%m-%d %H:%M} UTC: thresher db redate moves them to just before the first moment "
        "that is right"
    )


def early_json(found: Early | None) -> dict[str, object] | None:
    """The key ``before_1996``: null if nothing is."""
    if found is None:
        return None
    return {"captures": found.captures, "runs": found.runs, "oldest": instant(found.oldest)}


def ahead_json(found: Ahead | None) -> dict[str, object] | None:
    """The key ``later_than_now``: null if nothing is."""
    if found is None:
        return None
    return {"captures": found.captures, "runs": found.runs, "newest": instant(found.newest)}
