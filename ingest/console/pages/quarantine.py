"""The kept pages that no parser could read, and another try."""

from starlette.requests import Request

from ingest.console.desk import Desk, NotHere, Shown, number_of


def listing(desk: Desk, _: Request) -> Shown:
    """Each page, its error and the field that the error names."""
    return Shown(template="quarantine.html", values={"rows": desk.store.captures.quarantined()})


def retry(desk: Desk, request: Request) -> str:
    """Parses one of them again."""
    number = number_of(request, "id", 0)
    found = desk.store.captures.quarantined(None, number)
    if not found:
        raise NotHere(f"nothing in quarantine has the id {number}")
    desk.actions.retry(found[0].failure.source, found[0].failure.capture_id)
    return "/quarantine"
