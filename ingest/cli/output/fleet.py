"""The fleet as ``thresher status`` prints it."""

from rich.text import Text

from ingest.cli.output.tables import table
from ingest.cli.session import Session
from ingest.records.fleet import FleetState


def print_fleet(session: Session, fleet: FleetState) -> None:
    """Its queues as a table, then its workers, then what is stuck."""
    session.out.print()
    columns = ("queue", "#waiting", "#later", "#doing", "#failed", "#done an hour")
    rows = [
        (queue.name, queue.waiting, queue.later, queue.doing, queue.failed, queue.per_hour)
        for queue in fleet.queues
    ]
    session.out.print(table(*columns, rows=rows))
    session.out.print(
        Text(
            f"workers alive {fleet.alive}  silent {len(fleet.workers) - fleet.alive}"
            f"  orders open {fleet.open_orders}  pages an hour {fleet.pages_per_hour}"
        )
    )
    for worker in fleet.workers:
        if worker.doing:
            session.out.print(Text(f"worker {worker.worker_id}  {', '.join(worker.doing)}"))
    for sentence in fleet.stuck:
        session.out.print(Text(f"stuck: {sentence}"))
