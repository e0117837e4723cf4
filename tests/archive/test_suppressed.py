"""The file of takedowns beside the WARC files: appended whole, read whole, a torn tail passed over."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.archive.suppressed import FILE, append_suppressed, read_suppressed
from ingest.errors import StoreUnusable
from ingest.records.takedown import TakedownTarget, TakenDown

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)


def takedown(article: str, comment: str | None = None) -> TakenDown:
    what = TakedownTarget(source="harbour", article=article, comment=comment)
    return TakenDown(what=what, reason="asked\nby its author", suppressed_at=AT)


def test_what_was_appended_is_read_in_its_order(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert read_suppressed(folder) is None
    append_suppressed(folder, [])
    assert not folder.exists()
    append_suppressed(folder, [takedown("101", "12")])
    append_suppressed(folder, [takedown("100"), takedown("101", "12")])
    assert read_suppressed(folder) == (takedown("101", "12"), takedown("100"))
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", [0, 1, 20])
def test_a_torn_last_line_is_passed_over_and_cut_off_by_the_next(tmp_path: Path, kept: int) -> None:
    append_suppressed(tmp_path, [takedown("100"), takedown("101")])
    path = tmp_path / FILE
    first, second, _ = path.read_bytes().split(b"\n")
    path.write_bytes(first + b"\n" + second[:kept])
    assert read_suppressed(tmp_path) == (takedown("100"),)
    append_suppressed(tmp_path, [takedown("102")])
    assert read_suppressed(tmp_path) == (takedown("100"), takedown("102"))


@pytest.mark.parametrize("line", ["{}", "null", "no json", '{"source": 1}'])
def test_a_whole_line_that_is_no_takedown_is_named(tmp_path: Path, line: str) -> None:
    append_suppressed(tmp_path, [takedown("100")])
    with (tmp_path / FILE).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StoreUnusable, match=r"suppressed.jsonl, line 2: is no takedown"):
        read_suppressed(tmp_path)


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreUnusable, match="cannot be read"):
        read_suppressed(tmp_path)
    with pytest.raises(StoreUnusable, match="cannot be written"):
        append_suppressed(tmp_path, [takedown("100")])


def test_a_folder_that_cannot_be_listed_hides_no_takedown(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.symlink_to(folder)
    with pytest.raises(StoreUnusable, match="archive cannot be read"):
        read_suppressed(folder)
    (tmp_path / "file").write_bytes(b"")
    assert read_suppressed(tmp_path / "file") is None


def test_each_line_is_one_json_object(tmp_path: Path) -> None:
    append_suppressed(tmp_path, [takedown("100", "7")])
    (line,) = (tmp_path / FILE).read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "source": "harbour",
        "article": "100",
        "comment": "7",
        "reason": "asked\nby its author",
        "suppressed_at": "2024-05-01T12:00:00+00:00",
    }
