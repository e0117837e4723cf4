"""Every place where words can stand, and that a takedown leaves them in none of them."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.store import Store
from ingest.store.database.schema import metadata
from ingest.store.database.types import CleanText
from ingest.store.takedown.scrubbing import without_quotes
from tests.archive.warcs import records
from tests.cli.conftest import Call
from tests.jobs.reparse.again import parse_again
from tests.jobs.takedown.warc_files import members
from tests.kit import rows
from tests.kit.marks import long
from tests.kit.rig import DAY, NOON, Rig
from tests.site.faults import instead
from tests.site.model import edit_comment
from tests.site.pieces import Text
from tests.site.render import encoded, section_page

MARK = "unrepeatable-towpath"
NASTY = f'he said "{MARK}"' + f" and it's so, {MARK}"
QUOTING = f"text cannot be {NASTY!r} (http://x/)"
BUG = f"parsing the page failed: Oddity: {MARK} (http://x/)"

ASIDE = """
INSERT INTO quarantine (capture_id, source, url, error_kind, error, attempts, first_failed_at, last_failed_at)
SELECT id, source, url, 'X', error, 1, captured_at, captured_at FROM captures
"""

ORDERED = """
INSERT INTO orders (queue, lock, command, source, options, state, tries, created_at, counts, error)
SELECT 'fetch', 'host', 'harvest', source, '{{}}', 'open', 1, started_at, '{{}}', '{}' FROM runs
"""

OF_ARTICLE = {
    "section_name", "category", "title", "link", "outlet", "posted_by", "posted_local", "label", "text",
    "text_original", "html",
}  # fmt: skip
OF_COMMENT = {"author", "text", "html"}
WORDS = {
    "articles": OF_ARTICLE,
    "article_versions": OF_ARTICLE,
    "comments": OF_COMMENT,
    "comment_versions": OF_COMMENT,
    "captures": {"error"},
    "quarantine": {"error"},
    "pages": {"last_error"},
    "runs": {"error", "report"},
    "schedule_runs": {"error"},
    "orders": {"error"},
}
"""Where words of the site can stand: each is planted, and searched for."""

NO_WORDS = {
    "the operator's": {"suppressed.reason"},
    "an address or an id, which stays": {
        "captures.url", "quarantine.url", "hosts.host", "robots.origin",
        "articles.external_id", "comments.external_id",
        "suppressed.article_external_id", "suppressed.comment_external_id", "pages.thread",
        "comments.parent_external_id", "comment_versions.parent_external_id",
    },
    "a time, by which a page without ids is known to show it again": {
        "comments.posted_local", "comment_versions.posted_local",
    },
    "ids and counts of a list": {"pages.mark", "pages.visit"},
    "a digest": {"captures.digest", "captures.payload_sha1"},
    "what the server says of the body's kind": {"captures.content_type", "captures.encoding"},
    "our own word": {
        "runs.command", "runs.source", "runs.outcome", "runs.counts", "runs.version", "runs.host",
        "runs.cursor", "captures.source", "captures.kind", "captures.warc_file", "captures.encoding_from",
        "captures.parser", "captures.record_id", "pages.source", "pages.state", "pages.lease_owner",
        "pages.kind",
        "pages.leased_from", "articles.source", "articles.parser", "comments.parser",
        "article_versions.parser", "comment_versions.parser", "suppressed.source", "quarantine.source",
        "quarantine.error_kind", "quarantine.field", "parser_health.source", "parser_health.kind",
        "parser_health.parser", "parser_health.filled", "hosts.turn_owner", "schedule_runs.schedule",
        "schedule_runs.source", "schedule_runs.owner", "schedule_runs.state",
        "places.source", "spending.source",
        "orders.queue", "orders.lock", "orders.command", "orders.source", "orders.options", "orders.state",
        "orders.counts", "orders.cursor",
    },
}  # fmt: skip


def test_every_column_with_text_is_settled() -> None:
    """A new column is planted in and searched, or it is said here why no words can stand there."""
    there = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, CleanText)
    }
    planted = [f"{table}.{column}" for table, columns in WORDS.items() for column in columns]
    settled = [*planted, *(name for names in NO_WORDS.values() for name in names)]
    assert sorted(settled) == sorted(there)


def texts(path: Path) -> Iterator[bytes]:
    """A file as it is on disk, what is compressed in it, and what is compressed in that again."""
    yield path.read_bytes()
    if path.name.endswith((".warc.gz", ".open", ".part")):
        yield from map(gzip.decompress, members(path))
        yield from (body for _, _, body in records(path))


def holding(folder: Path) -> list[str]:
    """The files below a folder that hold the mark."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in found if any(MARK.encode() in text for text in texts(path)))


def standing(rig: Rig) -> dict[str, set[str]]:
    """The columns in which the mark stands."""
    found: dict[str, set[str]] = {}
    for name in metadata.tables:
        for row in rows.table(rig.url, name):
            for column in (column for column, value in row.items() if MARK in str(value)):
                found.setdefault(name, set()).add(column)
    return found


def ids(rig: Rig) -> tuple[str, str]:
    one = rig.site.days[DAY].articles[0]
    return one.external_id, one.comments[0].external_id


def say(rig: Rig, words: str) -> None:
    rig.site.change(DAY, lambda day: edit_comment(day, *ids(rig), (Text(words),)))
    rig.harvest(DAY, full=True)


def plant(rig: Rig, *, whole: bool) -> dict[str, set[str]]:
    """The mark in every column where words of the comment, or of the whole article, can stand."""
    say(rig, "first")
    say(rig, "second")
    with Store.open(rig.url) as store, store.present() as owner:
        at = NOON
        claim = store.claims.claim(
            "today", "rantburg", at, owner=owner, now=at, lease_until=at + timedelta(hours=1)
        )
        assert claim is not None
        store.claims.end(claim, "done", ended_at=at, error=f"pages failed 1; the first: {QUOTING}")
        run_id = store.runs.begin("reparse", "rantburg", at)
        store.runs.end(run_id, at, "failed", {}, QUOTING)
    article_id, comment_id = ids(rig)
    sample = {"article": article_id, "comment": comment_id, "before": MARK, "after": "x"}
    failure = {"capture_id": 2, "source": "rantburg", "error": QUOTING}
    report = json.dumps({"fields": [{"field": "comment.text", "samples": [sample]}], "failures": [failure]})
    quoted = QUOTING.replace("'", "''")
    for statement in (
        f"UPDATE runs SET report = '{report.replace(chr(39), chr(39) * 2)}' WHERE id = {run_id}",
        f"UPDATE captures SET error = '{quoted}'",
        f"UPDATE captures SET error = '{BUG}' WHERE id = 2",
        f"UPDATE pages SET last_error = '{quoted}'",
        ASIDE,
        ORDERED.format(quoted),
    ):
        rows.execute(rig.url, statement)
    article = f"SELECT id FROM articles WHERE external_id = '{article_id}'"
    comment = f"SELECT id FROM comments WHERE external_id = '{comment_id}'"
    which = {"comments": f"id IN ({comment})", "comment_versions": f"comment_id IN ({comment})"}
    if whole:
        which |= {"articles": f"id IN ({article})", "article_versions": f"article_id IN ({article})"}
        rows.execute(rig.url, versioned(article))
    for table, where in which.items():
        for column in WORDS[table]:
            rows.execute(rig.url, f"UPDATE {table} SET {column} = '{MARK}' WHERE {where}")
    return {name: columns for name, columns in WORDS.items() if whole or not name.startswith("article")}


def versioned(article: str) -> str:
    same = [column.name for column in metadata.tables["article_versions"].columns]
    copied = [name for name in same if name not in {"id", "article_id", "valid_from", "valid_to"}]
    return (
        f"INSERT INTO article_versions (article_id, valid_from, valid_to, {', '.join(copied)})"
        f" SELECT id, first_seen_at, last_seen_at, {', '.join(copied)} FROM articles WHERE id IN ({article})"
    )


@pytest.mark.long
@pytest.mark.parametrize("whole", [*long(True), False], ids=["article", "comment"])
def test_what_is_planted_in_every_column_is_in_no_file_any_more(
    rig: Rig, call: Call, tmp_path: Path, whole: bool
) -> None:
    rig.harvest(DAY)
    planted = plant(rig, whole=whole)
    assert standing(rig) == planted
    assert any(name.startswith("held.sqlite3") for name in holding(tmp_path))
    called = call("forget", ids(rig)[0 if whole else 1], "--reason", "asked", "--json")
    assert (called.code, called.json["scrubbed"]) == (0, True)
    assert (standing(rig), holding(tmp_path)) == ({}, [])


def unreadable(rig: Rig) -> bytes:
    """The first section's page, where the mark stands in place of the comment's number."""
    body = encoded(section_page(rig.site.days[DAY], 1))
    before, anchor, behind = body.partition(f'name="{ids(rig)[1]}"'.encode())
    assert anchor
    return before + anchor + behind.replace(b"#1", b"#" + MARK.encode(), 1)


@pytest.mark.long
@pytest.mark.parametrize("whole", [True, False], ids=["article", "comment"])
def test_what_came_by_every_path_is_in_no_file_any_more(
    rig: Rig, call: Call, tmp_path: Path, whole: bool
) -> None:
    rig.harvest(DAY)
    say(rig, f"{MARK} once")
    say(rig, f"{MARK} again")
    rig.site.faults = [instead("HC=1", body=unreadable(rig))]
    say(rig, f"{MARK} and unreadable")
    parse_again(rig, everything=True)
    rig.site.faults = []
    say(rig, f"{MARK} in a page that nobody has read")
    unread = max(row["id"] for row in rig.captures() if "HC=1" in row["url"])
    say(rig, "something else")
    rows.execute(rig.url, f"UPDATE pages SET capture_id = NULL WHERE capture_id = {unread}")
    for table, column in (("articles", "capture_id"), ("comments", "capture_id")):
        rows.execute(rig.url, f"UPDATE {table} SET {column} = 1 WHERE {column} = {unread}")
    rows.execute(
        rig.url, f"UPDATE comment_versions SET capture_id = 1, text = 'x' WHERE capture_id = {unread}"
    )
    rows.execute(rig.url, f"DELETE FROM captures WHERE id = {unread}")
    found = standing(rig)
    assert found["comment_versions"] >= {"text"}
    for name in ("captures", "quarantine", "runs"):
        assert found[name] & WORDS[name], name
    assert len(holding(rig.archive)) == 4
    called = call("forget", ids(rig)[0 if whole else 1], "--reason", "asked", "--json")
    assert (called.code, called.json["adopted"], called.json["damaged"]) == (0, 1, [])
    assert (standing(rig), [name for name in holding(tmp_path) if ".warc" not in name]) == ({}, [])
    called = call("archive", "redact", "--forgotten", "--json")
    assert (called.code, called.json["unread"], called.json["damaged"]) == (0, [], [])
    assert holding(tmp_path) == []
    assert call("archive", "verify").code == 0
    rig.site.faults = [instead("HC=1", body=unreadable(rig))]
    say(rig, "shown once more, and unreadable")
    parse_again(rig, everything=True)
    assert standing(rig) == {}


@pytest.mark.long
def test_a_page_whose_row_is_missing_leaves_the_archive_with_the_others(
    rig: Rig, call: Call, tmp_path: Path
) -> None:
    """Taken down before it was stopped: redaction looks for such pages as well."""
    say(rig, MARK)
    assert call("forget", ids(rig)[1], "--reason", "asked").code == 0
    say(rig, f"{MARK} again")
    unread = max(row["id"] for row in rig.captures() if "HC=1" in row["url"])
    rows.execute(rig.url, "UPDATE pages SET capture_id = NULL")
    rows.execute(rig.url, f"UPDATE articles SET capture_id = 1 WHERE capture_id = {unread}")
    rows.execute(rig.url, f"UPDATE comments SET capture_id = 1 WHERE capture_id = {unread}")
    rows.execute(rig.url, f"DELETE FROM captures WHERE id = {unread}")
    called = call("archive", "redact", "--forgotten", "--dry-run", "--json")
    assert len(called.json["captures"]) == 1
    assert len(holding(tmp_path)) == 2
    assert call("archive", "redact", "--forgotten").code == 0
    assert holding(tmp_path) == []


@pytest.mark.long
def test_words_go_although_the_archive_cannot_be_read(rig: Rig, call: Call) -> None:
    say(rig, MARK)
    (path,) = rig.archive.iterdir()
    rows.execute(rig.url, "UPDATE captures SET warc_file = 'gone.warc.gz'")
    path.write_bytes(b"damage" + path.read_bytes())
    called = call("forget", ids(rig)[1], "--reason", "asked", "--json")
    assert (called.code, len(called.json["damaged"])) == (1, 1)
    assert "a part of the archive that cannot be read, and may hold it" in called.err
    assert standing(rig) == {}
    assert call("archive", "redact", "--forgotten").code == 1


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (QUOTING, "text cannot be '…' (http://x/)"),
        (BUG, "parsing the page failed: Oddity: …"),
        ("ValueError: bad towpath", "ValueError: …"),
        ("the site answered 503 (http://x/)", "the site answered 503 (http://x/)"),
        ("the block's digest is wrong", "the block's digest is wrong"),
        ("redacted: asked by 'somebody'", "redacted: asked by 'somebody'"),
    ],
)
def test_what_is_left_of_an_error(error: str, left: str) -> None:
    assert without_quotes(error) == left
