"""``thresher chart``, and the small bars of ``status``: what is drawn of which numbers, what is refused."""

import json
import re
import struct
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import resvg_py
from rich.console import Console

from ingest.cli.output.recent import spark
from ingest.clock import SystemClock
from ingest.jobs.export.chart_drawing import SIZE, svg
from ingest.jobs.export.chart_numbers import Numbers
from tests.cli.conftest import Call
from tests.kit.rig import COMMENTS, DAY, NOON

STATES = ["complete", "unproven", "short", "failed", "not reached"]


def test_what_is_held_is_drawn_without_a_script(call: Call, harvest: Call, tmp_path: Path) -> None:
    harvest()
    out = tmp_path / "new" / "x.svg"
    window = ("--since", DAY - timedelta(days=1), "--until", DAY)
    said = call("chart", "comments", "--out", out, *window, "--json").json
    assert said == {
        "file": str(out),
        "chart": "comments",
        "by": "day",
        "series": ["rantburg"],
        "rows": [
            {"period": "2018-04-13", "values": {"rantburg": 0}},
            {"period": "2018-04-14", "values": {"rantburg": COMMENTS}},
        ],
    }
    drawn = out.read_text()
    assert f">{COMMENTS}<" in drawn
    assert set(re.findall("https?://[^\"' )]+", drawn)) == {"http://www.w3.org/2000/svg"}
    assert not re.search("<script|<!--|href|@import|url\\(", drawn)
    called = call("chart", "articles", "--out", out, "--overwrite", "--source", "rantburg")
    assert (called.code, called.out) == (0, f"{out}\n")
    assert out.read_text() != drawn
    said = call("chart", "coverage", "--out", out, "--overwrite", *window, "--json").json
    assert said["series"] == STATES
    assert said["rows"] == [
        {"period": "2018-04-13", "values": dict.fromkeys(STATES, 0) | {"not reached": 1}},
        {"period": "2018-04-14", "values": dict.fromkeys(STATES, 0) | {"complete": 1}},
    ]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("days", "period", "rows"), [(62, "day", 62), (63, "month", 3), (3661, "year", 11)])
def test_a_long_window_is_drawn_by_months_or_years(
    call: Call, tmp_path: Path, days: int, period: str, rows: int
) -> None:
    window = ("--source", "rantburg", "--since", DAY, "--until", DAY + timedelta(days=days - 1))
    said = call("chart", "coverage", "--out", tmp_path / "x.svg", *window, "--json").json
    assert (said["by"], len(said["rows"])) == (period, rows)
    assert "2018-04-14".startswith(said["rows"][0]["period"])
    assert sum(row["values"]["not reached"] for row in said["rows"]) == days


@pytest.mark.usefixtures("made")
def test_of_nothing_a_chart_says_so(call: Call, tmp_path: Path) -> None:
    said = call("chart", "comments", "--out", tmp_path / "x.svg", "--json").json
    assert (said["series"], said["rows"]) == ([], [])
    assert "nothing is held" in (tmp_path / "x.svg").read_text()


def test_the_same_numbers_are_drawn_the_same_and_names_are_text() -> None:
    numbers = Numbers(
        chart="articles", period="year", series=("</style><script>x",), rows=(("2018", (1,)), ("2019", (2,)))
    )
    assert svg(numbers) == svg(numbers)
    assert b"<script" not in svg(numbers)
    assert b"&lt;script&gt;x" in svg(numbers)


@pytest.mark.usefixtures("made")
def test_a_png_is_made_of_the_drawing(call: Call, tmp_path: Path) -> None:
    called = call("chart", "comments", "--out", tmp_path / "x.png")
    if "no font" in called.err:
        pytest.skip("no font is installed, so that nothing can be drawn as pixels")
    assert called.code == 0
    made = (tmp_path / "x.png").read_bytes()
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", made[16:24]) == (2 * SIZE[0], 2 * SIZE[1])


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("module", "said"),
    [("pygal", "pip install 'thresher[console]'"), ("resvg_py", "pip install 'thresher[console]'")],
)
def test_what_is_not_installed_is_named(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    called = call("chart", "comments", "--out", tmp_path / "x.png")
    assert called.code == 2
    assert said in called.err
    assert not (tmp_path / "x.png").exists()


@pytest.mark.usefixtures("made")
def test_a_machine_without_fonts_is_told(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resvg_py, "svg_to_bytes", partial(resvg_py.svg_to_bytes, skip_system_fonts=True))
    called = call("chart", "comments", "--out", tmp_path / "x.png")
    assert called.code == 2
    assert "apt-get install fonts-dejavu-core" in called.err
    assert not (tmp_path / "x.png").exists()


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("comments", "--out", "x.gif"), "x.gif does not end in .svg or .png"),
        (("comments", "--out", "there.svg"), "there.svg is there already: --overwrite replaces it"),
        (("runs", "--out", "x.svg"), "'runs' is not one of"),
    ],
)
def test_what_is_refused_is_named(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.svg").write_text("mine")
    called = call("chart", *words)
    assert (called.code, Path("there.svg").read_text()) == (2, "mine")
    assert said in called.err


def test_status_draws_the_last_days_on_a_terminal_alone(
    call: Call, harvest: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _: NOON + timedelta(days=1))
    harvest()
    plain = call("status")
    assert not set("▁▂▃▄▅▆▇█") & set(plain.out)
    recent = json.loads(call("status", "--json").out)["sources"][0]["recent"]
    assert (recent["since"], recent["until"]) == ("2018-03-17", "2018-04-15")
    assert recent["comments"] == [0] * 28 + [COMMENTS, 0]
    assert recent["articles"] == [0] * 28 + [9, 0]
    monkeypatch.setattr(Console, "is_terminal", property(lambda _: True))
    assert "█" in call("status").out


@pytest.mark.parametrize(
    ("numbers", "bars"), [([], ""), ([0, 0], "  "), ([1], "█"), ([0, 1, 4, 8], " ▁▄█"), ([1, 1000], "▁█")]
)
def test_a_bar_is_as_high_as_its_number(numbers: list[int], bars: str) -> None:
    assert spark(numbers) == bars
