"""One pack is loaded: a source, or a value that says why there is none."""

import importlib
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from parsers import pack_failures, packs
from parsers.errors import SourceUnknown, SourceUnusable
from parsers.pack_failures import PackFailure
from parsers.packs import ENTRY_POINTS, load
from parsers.registry import installed, source_named
from parsers.source import Source
from tests.parsers.bad_packs import COPY, PACKS, write_pack

LOADED_BY_ITSELF = [name for name in PACKS if name != "double"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def entry_point(folder: Path, name: str, code: str) -> EntryPoint:
    write_pack(folder, name, code)
    sys.modules.pop(f"{name}_pack", None)
    return EntryPoint(name, f"{name}_pack:SOURCE", ENTRY_POINTS)


def test_a_good_pack(folder: Path) -> None:
    source = load(entry_point(folder, "good", COPY + "SOURCE = replace(OURS, name='good')"))

    assert isinstance(source, Source)
    assert source.name == "good"


@pytest.mark.parametrize("name", LOADED_BY_ITSELF)
def test_a_bad_pack_is_a_value_with_its_reason(folder: Path, name: str) -> None:
    code, reason = PACKS[name]

    failure = load(entry_point(folder, name, code))

    assert isinstance(failure, PackFailure)
    assert reason in failure.reason
    assert len(failure.reason) <= 303
    assert str(failure) == f"the pack {name!r} ({name}_pack:SOURCE) cannot be used: {failure.reason}"


@pytest.mark.parametrize("reader", pack_failures.READERS)
def test_entry_points_that_cannot_be_read_fail_their_distribution(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    importlib.import_module(reader)
    monkeypatch.setattr(pack_failures, "_unreadable", {})
    write_pack(folder, "torn", "")
    file = folder / "torn-1.dist-info" / "entry_points.txt"
    file.write_bytes(b"[thresher.sources]\nno target\n")

    failure = dict(packs.load_packs())["torn"]

    assert isinstance(failure, PackFailure)
    assert (failure.name, failure.value) == ("torn", str(file))


def test_an_interrupt_is_no_fault_of_the_pack(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(entry_point(folder, "slow", "raise KeyboardInterrupt"))


def test_the_source_of_a_bad_pack_is_not_said_to_be_unknown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = entry_point(folder, "ends", "import sys; sys.exit(3)")
    monkeypatch.setattr(packs, "entry_points", lambda group: [bad])
    installed.cache_clear()
    try:
        with pytest.raises(SourceUnusable, match=r"'ends' .* cannot be used: SystemExit: 3") as raised:
            source_named("ends")
        # A pack may name its source otherwise than its entry point.
        with pytest.raises(SourceUnknown, match="no source is named 'sea'; known: rantburg; the pack 'ends'"):
            source_named("sea")
    finally:
        installed.cache_clear()
    assert raised.value.name == "ends"
