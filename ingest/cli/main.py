"""The command line. Its names, options, exit codes and JSON keys are a contract: scripts depend on them.

Exit codes: 0 all well; 1 ran, but pages failed or a count is short; 2 usage or configuration;
3 could not run.
"""

import logging
import signal
import sys
from pathlib import Path

import click

from ingest.cli.later import Later, LazyGroup
from ingest.cli.output.streams import lasting_streams
from ingest.clock import interrupt
from ingest.errors import ConfigurationError, CouldNotRun, FetchError
from parsers.errors import AddressUnknown, SourceUnknown, ThresherError

__all__ = ["main", "thresher"]

log = logging.getLogger(__name__)

USAGE = (ConfigurationError, SourceUnknown, AddressUnknown)
COULD_NOT_RUN = (CouldNotRun, FetchError)
COMMANDS = (
    Later("demo", "demo:demo", "Harvest a replayed day; no network."),
    Later("harvest", "harvest:harvest_command", "Visit a source once: what is due."),
    Later("backfill", "backfill:backfill_command", "Visit every day of a window."),
    Later("watch", "watch:watch", "Run the schedules until interrupted."),
    Later("worker", "worker:worker_command", "Do what is in the fleet's queue."),
    Later("console", "console:console_command", "Show what is held in a browser."),
    Later("schedule", "watch:schedule_group", "The jobs that run by schedule."),
    Later("parse", "parse:parse_command", "Print a stored page as JSON."),
    Later("reparse", "reparse:reparse_command", "Parse kept pages again."),
    Later("quarantine", "quarantine:quarantine", "Kept pages that could not be parsed."),
    Later("verify", "verify:verify", "Compare with the site's own counters."),
    Later("status", "status:status", "Show what is stored of each source."),
    Later("show", "status:show", "Print an article with all its versions."),
    Later("search", "search:search", "Find articles and comments by words."),
    Later("runs", "status:runs", "List the newest runs and how they ended."),
    Later("health", "health:health", "Compare how often parsers fill each field."),
    Later("forget", "forget:forget", "Take down an article or a comment."),
    Later("export", "export:export_command", "Write what is held to a file."),
    Later("chart", "chart:chart_command", "Draw what is held, without a browser."),
    Later("backup", "backup:backup_command", "Copy database and archive, and check it."),
    Later("archive", "archive:archive", "The stored responses as WARC files."),
    Later("db", "db:db", "The database's schema."),
    Later("fixture", "fixture:fixture", "Captured pages and their accepted answers."),
    Later("source", "source:source", "Installed packs and the operator's sites."),
    Later("doctor", "doctor:doctor", "Look at what thresher needs."),
    Later("completion", "completion:completion", "What a shell needs to complete commands."),
)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option("--database", envvar="THRESHER_DATABASE", metavar="URL", help="Database URL or SQLite file.")
@click.option(
    "--archive",
    envvar="THRESHER_ARCHIVE",
    metavar="DIR",
    help="Folder of the WARC files, or s3://bucket/prefix.",
)
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file.")
@click.option("--json", "as_json", is_flag=True, help="Data as JSON, with stable keys.")
@click.option("--quiet", "-q", is_flag=True, help="Print no messages and no progress, only errors.")
@click.option("--verbose", "-v", count=True, help="Print more messages; given twice, even more.")
@click.version_option(package_name="thresher")
@click.pass_context
def thresher(
    context: click.Context,
    *,
    database: str | None,
    archive: str | None,
    config: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: int,
) -> None:
    """Harvest a site's articles and their comments, and prove that nothing is missing."""
    # What only a command needs is imported with it.
    from ingest.cli.session import Session
    from ingest.logs import set_up_logs
    from ingest.settings import load_settings
    from parsers.registry import configure, failures

    makes_file = context.invoked_subcommand == "source"  # `source add` does; the group sees to it
    settings = load_settings(database=database, archive=archive, config=config, may_be_absent=makes_file)
    session = Session(settings=settings, as_json=as_json, quiet=quiet)
    set_up_logs(-1 if quiet else verbose, lambda: session.err)
    configure(settings.sites)
    for failure in failures():
        log.warning("%s; it is passed over", failure)
    context.obj = session


for command in COMMANDS:
    thresher.add_command(command)


def main() -> None:
    """The program. Errors that name what is wrong end it with one line and the right exit code."""
    # A service manager sends SIGTERM where a person presses Ctrl-C.
    signal.signal(signal.SIGTERM, interrupt)
    with lasting_streams():
        code = _run()
    sys.exit(code)


def _run() -> int:
    try:
        # standalone_mode=False: else click ends the process itself, with exit codes of its own.
        code = thresher.main(prog_name="thresher", standalone_mode=False)
    except click.ClickException as error:
        error.show(file=sys.stderr)
        code = error.exit_code
    except click.Abort:
        code = _print_error("interrupted", 1)
    except USAGE as error:
        code = _print_error(str(error), 2)
    except COULD_NOT_RUN as error:
        code = _print_error(str(error), 3)
    except ThresherError as error:
        code = _print_error(f"{type(error).__name__}: {error}", 1)
    return code if isinstance(code, int) else 0


def _print_error(words: str, code: int) -> int:
    from rich.console import Console

    from ingest.cli.plain_text import safe

    Console(stderr=True, highlight=False).print(safe(f"thresher: {words}"), soft_wrap=True)
    return code
