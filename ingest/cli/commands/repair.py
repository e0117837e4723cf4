"""``thresher verify --repair``: what is short or failed is asked for again; before and after."""

import asyncio

from ingest.cli.output.coverage import print_coverage, print_pages
from ingest.cli.output.progress import following
from ingest.cli.output.tables import report_table
from ingest.cli.plain_text import safe
from ingest.cli.session import Session
from ingest.clock import asking
from ingest.jobs.repair import Repair, RepairReport, planned, repair
from ingest.jobs.verify import Coverage, page_json
from ingest.jobs.visits import OnOutcome
from ingest.pipeline.stop import Stop
from ingest.pipeline.workspace import delay_of
from ingest.records.chosen import SourceSettings
from ingest.store import Store


def rehearse_repair(
    session: Session, store: Store, wanted: Repair, chosen: SourceSettings, *, everything: bool
) -> int:
    """Print which pages would be fetched; return the exit code."""
    plan = planned(wanted, store)
    delay = delay_of(wanted.source, chosen)
    seconds = len(plan.rows) * delay
    if session.as_json:
        session.print_json(
            {
                "command": "repair",
                "source": wanted.source.name,
                "dry_run": True,
                "requests": len(plan.rows),
                "delay": delay,
                "seconds": seconds,
                "never_loaded": plan.never_loaded,
                "pages": [page_json(row) for row in plan.rows],
            }
        )
        return 0
    session.out.print(safe(f"{len(plan.rows)} requests, one every {delay:g} s: {seconds / 60:.1f} min"))
    print_pages(session, plan.rows, everything=everything)
    _say_what_waits(session, plan.never_loaded)
    return 0


def run_repair(
    session: Session, store: Store, wanted: Repair, chosen: SourceSettings, *, everything: bool
) -> int:
    """Fetch the pages and print what changed; return the exit code."""
    with following(session, f"repair {wanted.source.name}") as progress:
        report = asyncio.run(_repaired(session, store, wanted, chosen, progress))
    if session.as_json:
        session.print_json(report.as_json())
    else:
        _print(session, report, everything=everything)
    return report.exit_code


async def _repaired(
    session: Session, store: Store, wanted: Repair, chosen: SourceSettings, progress: OnOutcome
) -> RepairReport:
    stop = Stop()
    with asking(stop.ask):
        return await repair(wanted, session.workspace(store, stop), chosen=chosen, progress=progress)


def _print(session: Session, report: RepairReport, *, everything: bool) -> None:
    session.out.print(report_table(report.visits))
    session.out.print()
    for when, covered in (("before", report.before), ("after", report.after)):
        session.out.print(safe(f"{when:6}  {_sums(covered)}"), soft_wrap=True)
    session.out.print()
    print_coverage(session, report.after, everything=everything)
    if report.taken:
        session.say(f"{report.taken} pages were left to another process that works on their day")
    if report.not_asked:
        why = report.visits.budget_reached or (
            "the run was stopped" if report.visits.stopped else "the site refuses"
        )
        session.say(f"{report.not_asked} pages were not asked for: {why}")
    _say_what_waits(session, report.never_loaded)


def _sums(covered: Coverage) -> str:
    held, expected = covered.totals.held, covered.totals.expected
    return (
        f"articles {held.articles} of {expected.articles}  comments {held.comments} of {expected.comments}  "
        f"pages not complete {len(covered.incomplete)} of {covered.totals.pages}"
    )


def _say_what_waits(session: Session, never_loaded: int) -> None:
    if never_loaded:
        session.say(f"{never_loaded} pages were never loaded: that is for a backfill")
