"""What a database made anew costs beside a re-parse: ``python -m tests.bench.rebuild_cost FOLDER``.

FOLDER is one that ``make_archive`` wrote; its pages are loaded first if they were not. Then, in turn and
several times over: ``thresher reparse --all`` that finds nothing to change, and ``thresher db rebuild`` of
the same archive into a new database, each with two workers, whole processes from start to end.

Printed are pages a second, the CPU of a page, the most memory that all processes of a run held together,
and the ratios of the two in each round. Nothing is asserted.
"""

from pathlib import Path
from statistics import median

from tests.bench.processes import THRESHER, cost_of
from tests.bench.reparse_cost import loaded, reparsed
from tests.bench.rows import Cost

ROUNDS = 3
WORKERS = ("--workers", "2")


def rebuilt(folder: Path) -> Cost:
    """A run of ``thresher db rebuild`` into a database that is not there, as an operator starts it."""
    for end in ("", "-wal", "-shm"):
        (folder / f"new.sqlite3{end}").unlink(missing_ok=True)
    where = ("--database", "new.sqlite3", "--archive", "archive", "--quiet")
    return cost_of([THRESHER, *where, "db", "rebuild", *WORKERS], folder, memory=True)


def main() -> None:
    """Load what is not loaded, then measure."""
    folder, number_of_rounds, pages = loaded("Measure a rebuild beside a re-parse.", ROUNDS)
    rounds = [(reparsed(folder, "--all", *WORKERS), rebuilt(folder)) for _ in range(number_of_rounds)]
    for name, runs in (("re-parse", [one[0] for one in rounds]), ("rebuild", [one[1] for one in rounds])):
        print(
            f"{name}: {pages / median(run.wall for run in runs):.0f} pages/s, "
            f"{median(run.cpu for run in runs) / pages * 1e3:.1f} ms of CPU a page, "
            f"at most {max(run.memory for run in runs) / 1e6:.0f} MB"
        )
    walls = [new.wall / again.wall for again, new in rounds]
    cpus = [new.cpu / again.cpu for again, new in rounds]
    print(
        f"{pages} pages: a rebuild takes {median(walls):.2f} ({min(walls):.2f} to {max(walls):.2f}) of the "
        f"time and {median(cpus):.2f} ({min(cpus):.2f} to {max(cpus):.2f}) of the CPU of a re-parse"
    )


if __name__ == "__main__":
    main()
