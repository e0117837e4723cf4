"""When a file is sealed and another begun: by size, by day, after a silence."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingest.archive import ArchiveWriter, Borrowed, read_body
from tests.archive.test_revisits import original, row_of
from tests.archive.warcs import AT, BODY, capture, passes_the_check, records, writing

EVENING = datetime(2018, 4, 14, 23, 59, 58, tzinfo=UTC)
TWO_HOURS_EAST = timezone(timedelta(hours=2))


def files_of(folder: Path, *moments: datetime, started_at: datetime = AT) -> list[str]:
    """The files that captures of these moments get into, one writer writing them in this order."""
    with ArchiveWriter(folder, source="rantburg", started_at=started_at, about={}) as writer:
        names = [writer.append(capture(captured_at=at)).file for at in moments]
    assert {path.name for path in folder.iterdir()} == set(names)
    assert all(passes_the_check(path) for path in folder.iterdir())
    return names


def test_a_file_that_is_full_is_sealed_and_another_begun(tmp_path: Path) -> None:
    with ArchiveWriter(tmp_path, source="rantburg", started_at=AT, about={}, largest=1_500) as writer:
        places = [writer.append(capture()) for _ in range(4)]
        names = {path.name for path in tmp_path.iterdir()}
        assert sum(name.endswith(".open") for name in names) == 1
    files = sorted(tmp_path.iterdir())
    assert len(files) == len({place.file for place in places}) > 1
    assert {path.name for path in files} == {place.file for place in places}
    for file in files:
        assert passes_the_check(file)
        assert records(file)[0][1]["WARC-Filename"] == file.name
    assert [read_body(tmp_path, place) for place in places] == [BODY] * 4


def test_the_next_day_begins_a_file_that_is_named_by_it(tmp_path: Path) -> None:
    morning = EVENING + timedelta(seconds=3)
    first, *others = files_of(tmp_path, EVENING, morning, morning, started_at=EVENING)
    assert first.startswith("THRESHER-rantburg-20180414235958000-00001-")
    assert set(others) == {others[0]}
    assert others[0].startswith("THRESHER-rantburg-20180415000001000-00002-")
    (_, info, _), *_ = records(tmp_path / others[0])
    assert info["WARC-Date"] == "2018-04-15T00:00:01.000000Z"


def test_the_day_is_that_of_utc(tmp_path: Path) -> None:
    midnight_there = datetime(2018, 4, 15, 0, 1, tzinfo=TWO_HOURS_EAST)
    names = files_of(
        tmp_path, midnight_there - timedelta(minutes=2), midnight_there, started_at=AT.replace(hour=21)
    )
    assert len(set(names)) == 1


@pytest.mark.parametrize(("seconds", "files"), [(599, 1), (600, 2), (86_400, 2)])
def test_a_silence_ends_a_file(tmp_path: Path, seconds: int, files: int) -> None:
    names = files_of(tmp_path, AT, AT + timedelta(seconds=seconds))
    assert len(set(names)) == files


def test_a_busy_file_is_never_idle(tmp_path: Path) -> None:
    names = files_of(tmp_path, *(AT + timedelta(minutes=9 * number) for number in range(20)))
    assert len(set(names)) == 1


def test_the_first_capture_may_come_late(tmp_path: Path) -> None:
    (name,) = files_of(tmp_path, AT + timedelta(hours=1))
    assert "-20180414170507123-00001-" in name


@pytest.mark.parametrize("back", [timedelta(minutes=30), timedelta(days=3)], ids=["minutes", "days"])
def test_a_clock_that_is_set_back_begins_no_file(tmp_path: Path, back: timedelta) -> None:
    names = files_of(tmp_path, AT, AT - back, AT + timedelta(seconds=599))
    assert len(set(names)) == 1


def test_the_first_capture_of_a_new_file_is_a_full_response(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        held = original(row_of(capture(), writer.append(capture())))
        moments = [AT + timedelta(minutes=minutes) for minutes in (1, 11, 12)]
        assert [writer.append(capture(captured_at=at), held).refers_to for at in moments] == [7, None, 7]
    first, second = sorted(tmp_path.iterdir())
    kinds = ["warcinfo", "response", "request", "revisit", "request"]
    assert [kind for kind, _, _ in records(first)] == [kind for kind, _, _ in records(second)] == kinds


def test_copies_of_many_old_days_stay_together(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        places = [
            writer.copy(
                capture(captured_at=AT - timedelta(days=400 * number)),
                Borrowed(file="theirs.warc.gz", copied_at=AT + timedelta(seconds=number)),
            )
            for number in range(5)
        ]
        assert len({place.file for place in places}) == 1
        later = Borrowed(file="theirs.warc.gz", copied_at=AT + timedelta(days=1))
        assert writer.copy(capture(captured_at=AT), later).file != places[0].file
    assert len(list(tmp_path.iterdir())) == 2
