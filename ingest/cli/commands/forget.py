"""``thresher forget`` and ``thresher archive redact``: words out of the database, and out of the archive."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, get_args

import click

from ingest.cli.output.progress import advancing
from ingest.cli.output.tables import table
from ingest.cli.session import SOURCE, Session, json_option, pass_session
from ingest.errors import ConfigurationError
from ingest.jobs.takedown.forget import Redaction, TakedownReport, redact, redact_forgotten
from ingest.jobs.takedown.forget import forget as take_down
from ingest.jobs.takedown.mentions import search
from ingest.records.json_output import Json, instant
from ingest.records.pages import StoredCapture
from ingest.records.takedown import TakedownTarget
from ingest.store import Store
from parsers.source import Source

Kind = Literal["article", "comment"]
MOST_IDS = 1_000


@click.command()
@click.argument("external_id", metavar="[ID]", required=False)
@click.option("--reason", metavar="TEXT", help="Stored with the id. Required.")
@click.option(
    "--source", type=SOURCE, help="The id's source: needed if several have the id, or none has it yet."
)
@click.option(
    "--kind", type=click.Choice(get_args(Kind)), help="Needed if both an article and a comment have the id."
)
@click.option(
    "--article", metavar="ID", help="The article that the comment belongs to, if several have the id."
)
@click.option("--list", "listing", is_flag=True, help="List what was taken down.")
@json_option
@pass_session
def forget(
    session: Session,
    *,
    external_id: str | None,
    reason: str | None,
    source: Source | None,
    kind: Kind | None,
    article: str | None,
    listing: bool,
) -> None:
    """Take an article with its thread, or one comment, out of the database for good.

    ID is the article's or the comment's own, as `thresher show` prints it. No later page can bring it back.

    Example: thresher forget 510001 --source rantburg --reason 'asked by its author'
    """
    if listing:
        _list(session, source)
        return
    if external_id is None or not (reason or "").strip():
        raise click.UsageError("name what is to be forgotten, and the --reason; or --list")
    if article is not None and kind == "article":
        raise click.UsageError("--article takes a comment's id: do not combine it with --kind article")
    with (
        session.store(make=_names_all(source, kind, article)) as store,
        advancing(session, "search the archive") as progress,
    ):
        what = _meant(store, external_id, source=source, kind=kind, article=article)
        report = take_down(what, session.workspace(store), reason=str(reason), progress=progress)
    _print_forgotten(session, report)
    click.get_current_context().exit(report.exit_code)


def _meant(
    store: Store, external_id: str, *, source: Source | None, kind: Kind | None, article: str | None
) -> TakedownTarget:
    wanted = "comment" if article is not None else kind
    candidates = store.takedown.named(external_id)
    found = [one for one in candidates if _fits(one, source=source, kind=wanted, article=article)]
    if len(found) > 1:
        choices = ", or ".join(_choice(one) for one in found)
        raise ConfigurationError(f"{external_id} may be several things: add {choices}")
    return found[0] if found else _not_yet_held(external_id, source=source, kind=wanted, article=article)


def _fits(one: TakedownTarget, *, source: Source | None, kind: str | None, article: str | None) -> bool:
    """Whether it is what the options name; an option that is absent leaves it open."""
    own_kind = "article" if one.comment is None else "comment"
    of_source = source is None or one.source == source.name
    return of_source and kind in {None, own_kind} and article in {None, one.article}


def _choice(one: TakedownTarget) -> str:
    which = "--kind article" if one.comment is None else f"--article {one.article}"
    return f"--source {one.source} {which}"


def _names_all(source: Source | None, kind: Kind | None, article: str | None) -> bool:
    """Whether what is not held yet can be kept from ever coming in: into a new database too."""
    return source is not None and (kind == "article" or article is not None)


def _not_yet_held(
    external_id: str, *, source: Source | None, kind: str | None, article: str | None
) -> TakedownTarget:
    if source is not None and kind == "article":
        return TakedownTarget(source=source.name, article=external_id)
    if source is not None and article is not None:
        return TakedownTarget(source=source.name, article=article, comment=external_id)
    raise ConfigurationError(
        f"nothing that is held has the id {external_id}; to keep it from ever coming in, "
        "add --source and --kind article, or --source and the comment's --article"
    )


def _list(session: Session, source: Source | None) -> None:
    with session.reading() as store:
        found = store.takedown.suppressed(source.name if source is not None else None)
    if session.as_json:
        suppressed = [
            {**_named(one.what), "reason": one.reason, "suppressed_at": instant(one.suppressed_at)}
            for one in found
        ]
        session.print_json({"suppressed": suppressed})
        return
    rows = [
        (one.what.source, one.what.article, one.what.comment, instant(one.suppressed_at), one.reason)
        for one in found
    ]
    session.out.print(table("source", "article", "comment", "since", "reason", rows=rows))


def _print_forgotten(session: Session, report: TakedownReport) -> None:
    if report.unscrubbed is not None:
        session.say(f"the database's files may still hold the words ({report.unscrubbed}): run it again")
    if report.unread:
        session.say(f"captures that cannot be read, and may hold it: {_ids(report.unread)}")
    _say_damaged(session, report.damaged)
    if session.as_json:
        session.print_json(_forgotten_json(report))
        return
    emptied = report.emptied
    what = report.what
    named = f"article {what.article}" + (f" comment {what.comment}" if what.comment else "")
    counts = f"articles {emptied.articles}  comments {emptied.comments}  versions {emptied.versions}"
    session.out.print(f"{what.source} {named} is taken down: {counts}", markup=False, soft_wrap=True)
    if report.captures:
        words = f"captures in the archive that still hold it: {_ids(report.captures)}"
        session.out.print(words, markup=False, soft_wrap=True)
        session.say("`thresher archive redact --forgotten` takes these pages out of the archive as a whole")


def _say_damaged(session: Session, damaged: Sequence[str]) -> None:
    for reason in damaged:
        session.say(f"a part of the archive that cannot be read, and may hold it: {reason}")


def _forgotten_json(report: TakedownReport) -> Json:
    return {
        **_named(report.what),
        "already": report.emptied.already,
        "articles": report.emptied.articles,
        "comments": report.emptied.comments,
        "versions": report.emptied.versions,
        "captures": list(report.captures),
        "unread": list(report.unread),
        "scrubbed": report.unscrubbed is None,
        "adopted": report.adopted,
        "damaged": list(report.damaged),
    }


@click.command("redact")
@click.argument("capture_ids", metavar="[CAPTURE]...", type=int, nargs=-1)
@click.option("--reason", metavar="TEXT", help="Stored in the place of each capture; required with captures.")
@click.option("--forgotten", is_flag=True, help="Every capture that holds what was taken down.")
@click.option("--dry-run", is_flag=True, help="Change nothing; print the captures that would be redacted.")
@json_option
@pass_session
def redact_command(
    session: Session, *, capture_ids: tuple[int, ...], reason: str | None, forgotten: bool, dry_run: bool
) -> None:
    """Take the pages of captures out of the archive for good.

    A page goes as a whole, with all else it shows; what was loaded from it stays. A record in its place
    keeps its address, its date and the reason.

    Example: thresher archive redact --forgotten --dry-run
    """
    if forgotten == bool(capture_ids):
        raise click.UsageError("name the captures, or --forgotten")
    if forgotten == bool((reason or "").strip()):
        raise click.UsageError("captures need a --reason; what was forgotten has its own")
    with (
        session.store(make=False, upgrade=not dry_run) as store,
        advancing(session, "search the archive") as progress,
    ):
        workspace = session.workspace(store)
        if forgotten:
            report = redact_forgotten(workspace, progress=progress, rehearsal=dry_run)
        else:
            report = redact(capture_ids, str(reason), workspace, rehearsal=dry_run)
    _print_redaction(session, report, dry_run=dry_run)
    click.get_current_context().exit(report.exit_code)


def _print_redaction(session: Session, report: Redaction, *, dry_run: bool) -> None:
    if report.unread:
        session.say(f"captures that cannot be read, and may hold it: {_ids(report.unread)}")
    _say_damaged(session, report.damaged)
    if session.as_json:
        lists = ("captures", "already", "files", "removed", "unread", "damaged")
        session.print_json({"dry_run": dry_run, **{name: list(getattr(report, name)) for name in lists}})
        return
    would = "would be " if dry_run else ""
    session.out.print(f"{len(report.captures)} captures {would}redacted: {_ids(report.captures) or 'none'}")
    session.out.print(f"{len(report.already)} were before, {len(report.files)} files {would}rewritten")
    if report.captures and not dry_run:
        session.say("their raw pages are gone, for everything they showed; what was loaded from them stays")


def exportable(
    session: Session, store: Store, captures: Callable[[], Iterable[StoredCapture]], *, search_them: bool
) -> Iterator[StoredCapture]:
    """The captures that are not redacted; if they are searched, warn how many hold something taken down.

    ``captures`` is called for each time that all of them are looked at: there may be very many.
    """
    # Counted and read again: all captures of an archive would not fit into memory.
    redacted = sum(stored.redacted for stored in captures())
    if redacted:
        session.say(f"left out: {redacted} captures that are redacted")
    takedowns = store.takedown.suppressed() if search_them else ()
    if takedowns:
        with advancing(session, "search the captures") as progress:
            folder, total = session.settings.archive, store.captures.counted().captures
            found = search(captures(), takedowns, folder=folder, total=total, progress=progress)
        if found.holding:
            session.say(
                f"{len(found.holding)} captures in it hold what was taken down: "
                "`thresher archive redact --forgotten` first, then export again"
            )
    return (stored for stored in captures() if not stored.redacted)


def _named(what: TakedownTarget) -> Json:
    return {"source": what.source, "article": what.article, "comment": what.comment}


def _ids(ids: Sequence[int]) -> str:
    """The ids; of very many, as where the archive's folder is gone, only the first: JSON has them all."""
    more = f" and {len(ids) - MOST_IDS} more" if len(ids) > MOST_IDS else ""
    return " ".join(map(str, ids[:MOST_IDS])) + more
