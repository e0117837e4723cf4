"""``thresher fixture``: captured pages with accepted answers, which judge the parsers."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from ingest.cli.page_input import page_named
from ingest.cli.session import FOLDER, SOURCE, Session, json_option, pass_session
from ingest.errors import ConfigurationError
from ingest.jobs.packs.fixtures import (
    Difference,
    Fixture,
    accept,
    add,
    default_folder,
    differences,
    is_case_name,
    propose,
    read_all,
    read_one,
    require_case_name,
)
from parsers.source import Source

LONGEST_SHOWN = 120

root_option = click.option(
    "--fixtures", "root", type=FOLDER, default=default_folder, help="Folder of the fixtures."
)


@click.group()
def fixture() -> None:
    """Captured pages and their accepted answers."""


@fixture.command("add")
@click.argument("what", metavar="CAPTURE-ID|FILE|URL")
@click.option("--source", type=SOURCE, help="The pack that knows the page; a file needs it.")
@click.option("--name", required=True, help="The reason for the case: comment-quotes-a-footer.")
@click.option("--url", help="A file's address.")
@click.option("--content-type", help="The Content-Type header that the file was served with.")
@click.option("--why", default="", help="One sentence on what the case is for.")
@root_option
@json_option
@pass_session
def add_command(
    session: Session,
    *,
    what: str,
    source: Source | None,
    name: str,
    url: str | None,
    content_type: str | None,
    why: str,
    root: Path,
) -> None:
    """Make a case from a capture, a file or a page fetched now. Review its answer, then accept it.

    Example: thresher fixture add 12 --name title-is-empty
    """
    require_case_name(name)
    page = page_named(session, what, source=source, url=url, content_type=content_type)
    made = add(
        root,
        source=page.source,
        name=name,
        body=page.body,
        url=page.url,
        captured_at=page.captured_at,
        content_type=page.content_type,
        why=why,
        headers=page.headers,
    )
    review = made.folder / "answer.new.json"
    if session.as_json:
        session.print_json({"name": made.name, "review": str(review)})
    session.say(f"review {review}, then: thresher fixture accept {made.name}")


@fixture.command("check")
@click.argument("names", nargs=-1)
@root_option
@json_option
@pass_session
def check_command(session: Session, names: tuple[str, ...], root: Path) -> None:
    """Parse the cases (all, or those NAMED as source/case) and compare field by field.

    Example: thresher fixture check rantburg/an-odd-title
    """
    cases = [_named(root, name) for name in names] or read_all(root)
    wrong = _wrong(cases)
    # A missing answer is written down and fails all the same: somebody has to read it.
    for case in (case for case, _ in wrong if case.accepted is None):
        session.say(f"review {propose(case)}, then: thresher fixture accept {case.name}")
    if session.as_json:
        session.print_json({"checked": len(cases), "wrong": [_json(case, found) for case, found in wrong]})
    else:
        for case, found in wrong:
            _print(session, case, found)
        session.out.print(f"{len(cases) - len(wrong)} of {len(cases)} fixtures are as accepted", markup=False)
    click.get_current_context().exit(1 if wrong else 0)


@fixture.command("accept")
@click.argument("names", nargs=-1, required=True)
@root_option
@json_option
@pass_session
def accept_command(session: Session, names: tuple[str, ...], root: Path) -> None:
    """Show what the parser now reads in the cases, and write it as the accepted answer.

    Example: thresher fixture accept rantburg/an-odd-title
    """
    accepted = []
    for name in names:
        case = _named(root, name)
        found = differences(case.accepted, _plain(case))
        if not session.as_json:
            _print(session, case, found)
        path = accept(case)
        accepted.append(_json(case, found) | {"accepted": str(path)})
        session.say(f"accepted: {path}")
    if session.as_json:
        session.print_json({"fixtures": accepted})


def _wrong(cases: Iterable[Fixture]) -> list[tuple[Fixture, list[Difference]]]:
    """The cases that differ from what was accepted, or have nothing accepted yet."""
    results = ((case, differences(case.accepted, _plain(case))) for case in cases)
    return [(case, found) for case, found in results if found or case.accepted is None]


def _named(root: Path, name: str) -> Fixture:
    parts = name.split("/")
    if len(parts) != 2 or not all(map(is_case_name, parts)):
        raise ConfigurationError(f"{name!r} is not a fixture's name such as rantburg/empty-title")
    return read_one(root / name)


def _plain(case: Fixture) -> object:
    # Through JSON: a tuple of the parser is a list in the accepted answer.
    plain: object = json.loads(json.dumps(case.parsed()))
    return plain


def _json(case: Fixture, differences: list[Difference]) -> dict[str, object]:
    fields = [
        {"field": difference.field, "accepted": difference.accepted, "parsed": difference.parsed}
        for difference in differences
    ]
    return {"name": case.name, "accepted": case.accepted is not None, "differences": fields}


def _print(session: Session, case: Fixture, differences: list[Difference]) -> None:
    note = "" if case.accepted is not None else " (nothing accepted yet: review it)"
    session.out.print(f"{case.name}{note}", markup=False)
    for difference in differences:
        session.out.print(f"  {difference.field}", markup=False, soft_wrap=True)
        session.out.print(f"    accepted {_short(difference.accepted)}", markup=False, soft_wrap=True)
        session.out.print(f"    parsed   {_short(difference.parsed)}", markup=False, soft_wrap=True)


def _short(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=True)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}… ({len(shown)} characters)"
