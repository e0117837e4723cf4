"""``thresher backup``: a consistent copy of the database and its archive."""

from pathlib import Path

import click

from ingest.cli.output.progress import advancing
from ingest.cli.session import FOLDER, Session, json_option, pass_session
from ingest.jobs.backup import BackupReport, back_up
from ingest.records.json_output import instant


@click.command()
@click.option("--out", type=FOLDER, required=True, help="The backup's folder; a later run renews it.")
@click.option("--verify", is_flag=True, help="Then read every byte of the backup again.")
@json_option
@pass_session
def backup_command(session: Session, *, out: Path, verify: bool) -> None:
    """Copy the database and its archive, as of one moment, while a harvest runs.

    A later run copies only the files of the archive that are new. Always checked: that the database is whole,
    and that every capture it knows is in the copied files. Until a run has ended the backup before stands.
    Exit code 1: the archive has lost a file that the backup has, or --verify found damage.

    Example: thresher backup --out /mnt/disk/thresher
    """
    with session.store(upgrade=False, make=False) as store, advancing(session, "copy", "bytes") as progress:
        report = back_up(session.workspace(store), out, verify=verify, progress=progress)
    if session.as_json:
        session.print_json(_as_json(out, report))
    else:
        for line in _words(out, report):
            session.out.print(line, markup=False, soft_wrap=True)
    click.get_current_context().exit(report.exit_code)


def _as_json(out: Path, report: BackupReport) -> dict[str, object]:
    return {
        "out": str(out),
        "taken_at": instant(report.taken_at),
        "captures": report.captures,
        "files": len(report.files),
        "bytes": sum(one.bytes for one in report.files.values()),
        "copied": report.copied,
        "removed": report.removed,
        "only_here": report.only_here,
        "wrong": report.wrong,
    }


def _words(out: Path, report: BackupReport) -> list[str]:
    size = sum(one.bytes for one in report.files.values())
    held = f"{report.captures} captures in {len(report.files)} files of {size / 1e6:,.1f} MB"
    return [
        f"{out}: {held}, {len(report.copied)} of them copied now",
        *(f"{name}: removed, as it was redacted" for name in report.removed),
        *(f"{name}: the archive has lost this file; the backup keeps it" for name in report.only_here),
        *report.wrong,
    ]
