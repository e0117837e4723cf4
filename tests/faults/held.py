"""What must be true of a database and an archive after any fault, and when all faults are over."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.archive import read_stored
from ingest.errors import ArchiveDamaged, StoreUnusable
from ingest.store import Store
from ingest.store.database.engine import read_url, sqlite_file
from tests.kit import rows
from tests.kit.rig import Rig


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """What is held beside what the site shows: articles and comments lost, doubled and wrong."""

    lost: int
    doubled: int
    wrong: int

    def __str__(self) -> str:
        return f"lost {self.lost}, doubled {self.doubled}, wrong {self.wrong}"


def reckoned(rig: Rig) -> Reckoning:
    """All three are 0 once everything was visited."""
    shown, held = _by_id(rig.shown), _by_id(rig.held)
    every = [("article", row["external_id"]) for row in rows.table(rig.url, "articles")]
    every += [("comment", row["external_id"]) for row in rows.table(rig.url, "comments")]
    doubled = sum(count - 1 for count in Counter(every).values())
    places = Counter((row["warc_file"], row["warc_offset"]) for row in rig.captures())
    doubled += sum(count - 1 for count in places.values())
    wrong = sum(held[key] != row for key, row in shown.items() if key in held)
    return Reckoning(
        lost=len(shown.keys() - held.keys()), doubled=doubled, wrong=wrong + len(held.keys() - shown.keys())
    )


ALL_WELL = Reckoning(lost=0, doubled=0, wrong=0)


def _by_id(found: rows.Rows) -> dict[tuple[str, str], object]:
    """Articles without their threads, and the comments, by id."""
    return {
        key: value
        for row in found
        for key, value in (
            (("article", row["external_id"]), {name: row[name] for name in row if name != "comments"}),
            *((("comment", one["external_id"]), one | {"of": row["external_id"]}) for one in row["comments"]),
        )
    }


def unreadable(rig: Rig) -> list[str]:
    """The captures whose record does not lie whole where their row says."""
    found = []
    with Store.open(rig.url) as store:
        for stored in store.captures.between():
            try:
                body = read_stored(rig.archive, stored)
            except (ArchiveDamaged, StoreUnusable, OSError) as error:
                found.append(f"{stored.row.url}: {error}")
                continue
            if hashlib.sha256(body).hexdigest() != stored.row.digest:
                found.append(f"{stored.row.url}: another body")
    return found


def claimed_in_vain(rig: Rig) -> list[tuple[object, int]]:
    """The pages that the ledger says are done, and of which something is not held."""
    held = {row["external_id"] for row in rig.held}
    missing = {(row["date"], row["section"]) for row in rig.shown if row["external_id"] not in held}
    states = {(day.isoformat(), section): state for (day, section), state in rig.page_states().items()}
    return sorted(page for page in missing if states.get(page) == "done")


def integrity(rig: Rig) -> str:
    """What SQLite says of its file: ok."""
    file = sqlite_file(read_url(rig.url))
    connection = sqlite3.connect(str(file))
    try:
        (told,) = connection.execute("PRAGMA integrity_check").fetchone()
        (strays,) = connection.execute("SELECT count(*) FROM pragma_foreign_key_check").fetchone()
    finally:
        connection.close()
    return str(told) if not strays else f"{strays} rows without their parents"


def broken(rig: Rig) -> Iterable[str]:
    """Everything that must hold even halfway, as words; empty if it does."""
    if (told := integrity(rig)) != "ok":
        yield told
    yield from unreadable(rig)
    for page in claimed_in_vain(rig):
        yield f"{page} is done, and is not held"
    if (doubled := reckoned(rig).doubled) != 0:
        yield f"{doubled} rows doubled"
