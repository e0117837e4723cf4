"""What re-parses changed, or would change: the reports that their runs keep, field by field with samples."""

from starlette.requests import Request

from ingest.console.desk import Desk, NotHere, Shown, number_of, wanted

MOST = 50


def reports(desk: Desk, request: Request) -> Shown:
    """The newest runs that keep a report, and one of these reports."""
    runs = desk.store.runs.reported(MOST)
    number = number_of(request, "run", 0)
    chosen = next((run for run in runs if run.run_id == number), None)
    if chosen is None and wanted(request, "run") is not None:
        raise NotHere(f"run {number} keeps no report")
    if chosen is None:
        chosen = next(iter(runs), None)
    return Shown(template="diff.html", values={"runs": runs, "chosen": chosen})
