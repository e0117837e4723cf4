"""What a harvest would ask for: as a table, and as JSON."""

from ingest.cli.output.tables import table
from ingest.cli.plain_text import safe
from ingest.cli.session import Session
from ingest.jobs.harvest import Harvest
from ingest.jobs.rehearsal import Rehearsal
from ingest.records.chosen import SourceSettings


def print_rehearsal(session: Session, wanted: Harvest, chosen: SourceSettings, found: Rehearsal) -> None:
    """Print the requests in order, with the reason of each, and what is left of the budget."""
    budget = chosen.budget
    if session.as_json:
        session.print_json(
            {
                "command": "harvest",
                "source": wanted.source.name,
                "dry_run": True,
                "requests": [
                    {
                        "day": one.day.isoformat(),
                        "url": one.url,
                        "why": one.why,
                        "if_listed": one.if_listed,
                    }
                    for one in found.requests
                ],
                "pages_today": found.spent.pages,
                "bytes_today": found.spent.bytes,
                "pages_per_visit": budget.pages_per_visit,
                "pages_per_day": budget.pages_per_day,
                "bytes_per_day": budget.bytes_per_day,
            }
        )
        return
    rows = [
        (one.day, f"if listed: {one.why}" if one.if_listed else one.why, one.url) for one in found.requests
    ]
    session.out.print(table("day", "why", "request", rows=rows))
    session.say("what the answers call for comes on top: next pages, and what differs from what is held")
    for what, spent, most in (
        ("pages a visit", 0, budget.pages_per_visit),
        ("pages a day", found.spent.pages, budget.pages_per_day),
        ("bytes a day", found.spent.bytes, budget.bytes_per_day),
    ):
        if most is not None:
            session.out.print(safe(f"{spent:,} of {most:,} {what} are used"))
