"""Redactions that are killed or run out of disk: before or after, and a rerun finishes."""

from pathlib import Path

import pytest

from ingest.archive.redaction import left_over, next_name, remove
from ingest.errors import StoreUnusable
from tests.cli.conftest import Call
from tests.jobs.takedown.warc_files import every_capture_is_whole, passes_every_check, the_file
from tests.kit import rows
from tests.kit.child import ended, program
from tests.kit.rig import DAY, Rig

DIES = """
import os, sys
import ingest.cli.main
from ingest.archive import redaction as redact
from ingest.jobs.takedown import forget as takedown
from ingest.store.captures import entries

def die(*_arguments, **_more):
    os.kill(os.getpid(), 9)

moment = sys.argv.pop(1)
if moment == "while-copying":
    redact.shutil.copyfileobj = die
elif moment == "before-the-name":
    redact.Path.rename = die
elif moment == "before-the-index":
    takedown._Redactor._redact.__globals__["next_name"] = lambda _name: die()
elif moment == "within-the-index":
    entries.delete = die
elif moment == "behind-the-index":
    takedown.remove = lambda _folder, names: die() if names and "none" not in names else None
ingest.cli.main.main()
"""
MOMENTS = ("while-copying", "before-the-name", "before-the-index", "within-the-index", "behind-the-index")


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_it_is_before_or_after_and_a_rerun_finishes(rig: Rig, call: Call, moment: str) -> None:
    rig.site.volatile = False
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    where = ["--database", rig.url, "--archive", str(rig.archive), "archive", "redact"]
    process = program(DIES, rig.archive.parent, moment, *where, "7", "--reason", "asked")
    code, _, err = ended(process)
    assert code == -9, err
    original = rows.table(rig.url, "captures")[6]["refers_to"]
    gone = every_capture_is_whole(rig)
    assert gone == ([7] if moment == "behind-the-index" else [])
    findings = call("archive", "verify", "--json").json["findings"]
    assert len(findings) == (moment not in {"while-copying", "before-the-name"})
    assert all("archive redact removes it" in one["reason"] for one in findings)
    called = call("archive", "redact", 7, "--reason", "asked", "--json")
    assert called.code == 0
    assert len(called.json["removed"]) == 1
    assert every_capture_is_whole(rig) == sorted([original, 7])
    names = sorted(path.name for path in rig.archive.iterdir())
    assert len(names) == 2
    assert all(name.endswith(".r1.warc.gz") for name in names)
    assert call("archive", "verify").code == 0
    for path in rig.archive.iterdir():
        passes_every_check(path)
    assert rig.harvest(DAY).exit_code == 0


def test_files_of_nobody_are_left_alone(tmp_path: Path) -> None:
    first = "THRESHER-rantburg-20180414160507123-00001-00001-host.warc.gz"
    for name in (first, next_name(first), "theirs.warc.gz"):
        (tmp_path / name).write_bytes(b"")
    assert next_name(next_name(first)).endswith("-host.r2.warc.gz")
    assert list(left_over(tmp_path, lambda _name: False)) == []
    assert list(left_over(tmp_path, {first}.__contains__)) == [(next_name(first), first)]
    assert list(left_over(tmp_path, {next_name(first)}.__contains__)) == [(first, next_name(first))]


@pytest.mark.long
def test_a_disk_that_fails_costs_nothing(rig: Rig, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.harvest(DAY)
    before = the_file(rig).read_bytes()

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingest.archive.redaction.shutil.copyfileobj", full)
    called = call("archive", "redact", 2, "--reason", "asked")
    assert (called.code, "cannot be rewritten" in called.err) == (3, True)
    assert the_file(rig).read_bytes() == before
    monkeypatch.undo()
    monkeypatch.setattr("ingest.archive.redaction.sync_folder", full)
    with pytest.raises(StoreUnusable, match="cannot be rewritten"):
        remove(rig.archive, ["none"])
    remove(rig.archive / "nowhere", ())
