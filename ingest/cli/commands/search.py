"""``thresher search``: the words of articles and comments."""

from datetime import date
from typing import get_args

import click

from ingest.cli.output.found import found_json, print_found
from ingest.cli.session import DAY, Session, json_option, pass_session, require_order
from ingest.cli.source_patterns import PATTERNS, names_of
from ingest.records.search import MOST_ROWS, Query, SearchedKind
from parsers.source import Source

IN = {f"{kind}s": kind for kind in get_args(SearchedKind)}


@click.command()
@click.argument("words")
@click.option("--author", metavar="NAME", help="The whole name, as the site prints it.")
@PATTERNS
@click.option("--since", type=DAY, help="First day, in the source's zone.")
@click.option("--until", type=DAY, help="Last day, included.")
@click.option("--in", "of_kind", type=click.Choice(sorted(IN)), help="Only articles, or only comments.")
@click.option(
    "--limit", type=click.IntRange(1, MOST_ROWS), default=20, show_default=True, help="How many rows."
)
@json_option
@pass_session
def search(
    session: Session,
    *,
    words: str,
    author: str | None,
    patterns: tuple[tuple[Source, ...], ...],
    since: date | None,
    until: date | None,
    of_kind: str | None,
    limit: int,
) -> None:
    """Find articles and comments by their words, the best first.

    All WORDS are required: "harbour boats" finds rows with both. '"harbour master"' is a phrase, harb* the
    beginning of a word, and -ferry leaves out what has that word. Put the whole in quotation marks.

    Example: thresher search '"north quay" -rain' --author osier
    """
    require_order(since, until)
    query = Query(
        words=words,
        author=author,
        sources=names_of(patterns),
        since=since,
        until=until,
        only=IN[of_kind] if of_kind is not None else None,
        limit=limit,
    )
    with session.reading() as store:
        found = store.search(query)
    if session.as_json:
        session.print_json(found_json(found))
        return
    print_found(session.out, found)
    more = "more than " if found.more else ""
    session.say(f"{len(found.rows)} of {more}{found.total} rows")
    if found.more:
        session.say("of so many, those that were loaded last are ranked: add a word, a source or a day")
