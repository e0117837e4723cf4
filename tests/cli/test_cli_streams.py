"""What is behind stdout and stderr cannot stop the work, and the exit code says how the work ended."""

import os
import subprocess
import sys
import threading
from io import BufferedWriter, TextIOWrapper
from pathlib import Path

import pytest

from ingest.cli.output.streams import LastingFile, lasting_streams
from ingest.cli.session import Session
from ingest.settings import Settings
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.child import THRESHER
from tests.kit.marks import long
from tests.kit.rig import DAY
from tests.site.server import SiteServer


def shell(line: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = ["bash", "-c", f'"$0" "$@" {line}', str(THRESHER), *map(str, arguments)]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, timeout=100, check=False
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "line", [*long(">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full"), ">/dev/full 2>/dev/full"]
)
def test_a_harvest_is_done_whatever_becomes_of_its_words(site: SiteServer, database: str, line: str) -> None:
    there = ("--date", DAY, "--base-url", site.url, "--delay", 0)
    done = shell(line, "harvest", "rantburg", *there)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert rows.held(database) == rows.told(*site.days.values())


@pytest.mark.long
@pytest.mark.parametrize(
    "arguments", [("db", "upgrade", "--json"), *long(("--help",), ("forget", "--help"))], ids=str
)
def test_a_full_disk_is_named(arguments: tuple[str, ...]) -> None:
    # click writes past a text stream that is ASCII, to what is below it.
    done = shell(">/dev/full", *arguments, PYTHONIOENCODING="ascii")
    assert (done.returncode, b"No space left on device" in done.stderr) == (0, True)


@pytest.mark.long
@pytest.mark.parametrize("encoding", [*long("latin-1", "cp1252", "utf-16"), "ascii"])
@pytest.mark.parametrize("options", [(), *long(("--json",))], ids=["words", "json"])
def test_any_encoding_will_do(harvest: Call, database: str, encoding: str, options: tuple[str, ...]) -> None:
    harvest()
    rows.execute(database, "UPDATE articles SET title = 'zażółć \u4e2d 🐟'")
    external_id = rows.table(database, "articles")[0]["external_id"]
    done = shell("", "show", external_id, *options, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\\u4e2d" in done.stdout.decode(encoding) or encoding == "utf-16"


@pytest.mark.long
def test_a_refusal_to_a_closed_stderr_is_still_one(tmp_path: Path) -> None:
    assert shell("2>&-", "harvest", "nowhere").returncode == 2
    assert shell("2>/dev/full", "status").returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_nobody_reads_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    for printed in (lambda session: session.print_json({"a": 1}), lambda session: session.out.print("a")):
        reading, writing = os.pipe()
        os.close(reading)
        file = LastingFile(writing, "wb")
        with TextIOWrapper(BufferedWriter(file)) as broken:
            monkeypatch.setattr(sys, "stdout", broken)
            printed(Session(settings=Settings(database="", archive=Path())))
            broken.write("more, which goes nowhere")
        assert file.failure is None


def test_a_pipe_that_is_full_for_now_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    data = bytes(range(256)) * 4096
    got = bytearray()

    def read() -> None:
        while piece := os.read(reading, 1 << 16):
            got.extend(piece)

    reader = threading.Thread(target=read)
    with BufferedWriter(LastingFile(writing, "wb")) as pipe:
        assert os.write(writing, data) < len(data)
        reader.start()
        pipe.write(data)
    reader.join(60)
    os.close(reading)
    assert got.endswith(data)


def test_a_stream_that_was_put_in_the_place_of_stdout_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with lasting_streams():
        assert sys.stdout is before
        sys.stdout.write("seen")
    assert capsys.readouterr().out == "seen"
