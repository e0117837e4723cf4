"""An archive in a bucket and one in a folder through the same life: equal exports, also from a rebuild."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.clock import SystemClock
from tests.cli.conftest import Call
from tests.kit.objects import ObjectServer
from tests.kit.rig import DAY, NOON, busy_day
from tests.site.model import delete_comment, edit_comment
from tests.site.pieces import Text
from tests.site.server import SiteServer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

DAYS = tuple(DAY - timedelta(days=ago) for ago in range(3))
WINDOW = ("--since", DAYS[-1], "--until", DAYS[0])


class Place:
    """A database and an archive."""

    def __init__(self, folder: Path, archive: str, site: SiteServer, call: Call) -> None:
        folder.mkdir()
        self._folder = folder
        self._call = call
        config = folder / "thresher.toml"
        config.write_text(
            f'spool = "{folder}/spool"\n[sources.rantburg]\nbase_url = "{site.url}"\ndelay = 0\n'
        )
        self._options = ("--config", config, "--archive", archive)

    def run(self, *words: object, database: str = "held", code: int = 0) -> str:
        called = self._call(*self._options, "--database", self._folder / database, *words)
        assert called.code == code, (words, called.out, called.err)
        return called.out

    def exported(self, database: str = "held") -> dict[str, str]:
        made = {}
        for table in ("articles", "comments", "versions"):
            file = self._folder / f"{database}-{table}.jsonl"
            self.run("export", table, "--out", file, "--overwrite", database=database)
            made[table] = sha256(file.read_bytes()).hexdigest()
        return made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The clock stands still until this is called; then it is an hour later."""
    now = NOON

    def go_on() -> None:
        nonlocal now
        now += timedelta(hours=1)

    def read(_: object) -> datetime:
        return now

    monkeypatch.setattr(SystemClock, "now", read)
    return go_on


def test_a_bucket_holds_what_a_folder_holds(
    bucket: str, s3: ObjectServer, later: Callable[[], None], call: Call, tmp_path: Path
) -> None:
    with SiteServer([busy_day(day, number=number) for number, day in enumerate(DAYS)]) as site:
        site.volatile = False
        article = max(site.days[DAY].articles, key=lambda one: len(one.comments))
        first, second, third, *_ = (one.external_id for one in article.comments)
        places = [
            Place(tmp_path / "folder", str(tmp_path / "folder" / "archive"), site, call),
            Place(tmp_path / "bucket", f"s3://{bucket}/archive", site, call),
        ]
        for place in places:
            place.run("backfill", "rantburg", *WINDOW)
        site.change(DAY, lambda day: edit_comment(day, article.external_id, first, (Text("Never so."),)))
        site.change(DAY, lambda day: delete_comment(day, article.external_id, second))
        later()
        for place in places:
            place.run("harvest", "rantburg", "--date", DAY, "--date", DAYS[1], "--full")
        later()
        for place in places:
            place.run("reparse", "rantburg", "--all", "--workers", "2")
        later()
        for place in places:
            place.run("forget", third, "--source", "rantburg", "--kind", "comment", "--reason", "law")
        exports = [place.exported() for place in places]
        assert exports[0] == exports[1]
        for place in places:
            place.run("db", "rebuild", "--workers", "2", database="anew")
        assert [place.exported("anew") for place in places] == [exports[0], exports[0]]

        (_, in_bucket) = places
        looked = json.loads(in_bucket.run("archive", "verify", "--json"))
        assert looked["findings"] == []
        listed = json.loads(in_bucket.run("archive", "list", "--json"))["files"]
        keys = {key: len(content) for key, content in s3.objects(bucket).items() if key.endswith(".gz")}
        assert {f"archive/{one['file']}": one["bytes"] for one in listed} == keys
        assert sum(one["captures"] for one in listed) == looked["captures"]
        assert not list((tmp_path / "bucket" / "spool").rglob("*.*"))
        copied = [
            place.run("archive", "export", "--source", "rantburg", "--output", tmp_path / f"{number}.warc.gz")
            for number, place in enumerate(places)
        ]
        assert [one.splitlines()[0] for one in copied] == [f"{looked['captures']} captures"] * 2


def test_a_store_that_fails_halfway_ends_a_reparse_and_a_rebuild_and_both_go_on(
    bucket: str, s3: ObjectServer, later: Callable[[], None], call: Call, tmp_path: Path
) -> None:
    with SiteServer([busy_day(day, number=number) for number, day in enumerate(DAYS)]) as site:
        place = Place(tmp_path / "bucket", f"s3://{bucket}", site, call)
        for day in DAYS:
            later()  # or the next file would have the same name
            place.run("harvest", "rantburg", "--date", day)
    exported = place.exported()
    for words, database in (
        (("reparse", "rantburg", "--all", "--workers", "1"), "held"),
        (("db", "rebuild", "--workers", "1"), "anew"),
    ):
        asked: set[str] = set()

        def first_file_alone(method: str, path: str, asked: set[str] = asked) -> int | None:
            if method == "GET" and path.endswith(".warc.gz"):
                asked.add(path)
            return 503 if len(asked) > 1 else None

        s3.faults = [first_file_alone]
        place.run(*words, database=database, code=3)
        assert len(asked) > 1
        s3.faults = []
        place.run(*words, database=database)
        assert place.exported(database) == exported
        place.run("quarantine", "list", database=database)
        assert json.loads(place.run("archive", "verify", "--json", database=database))["findings"] == []
