"""A third party's source with threads over several pages and no counters: from nothing to unproven."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from ingest.jobs.packs.replay import Replay, Reply
from ingest.jobs.packs.scaffold import new_source
from tests.second_source.test_second_source import ROOT, completed

DAY = "2026-01-05"
HEAD = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>'
PER_PAGE = 3
POSTS = 7


def thread_page(start: int) -> bytes:
    rows = [
        f'<li id="p{70 + rank}"><b>Reader {rank}</b> <time datetime="{DAY}T09:{rank:02}">9</time>'
        f"<p>Words of post {rank}.</p></li>"
        for rank in range(start, min(start + PER_PAGE, POSTS))
    ]
    more = (
        "" if start + PER_PAGE >= POSTS else f'<a rel="next" href="thread?id=7&amp;from={start + 2}">on</a>'
    )
    title = f'<h1 data-began="{DAY}T09:00">The pier is closed</h1>'
    return f'{HEAD}{title}<ol class="posts">{"".join(rows)}</ol>{more}</body></html>'.encode()


def site() -> dict[str, Reply]:
    row = '<li id="t7" data-latest="9:06">The pier is closed</li>'
    day = f'{HEAD}<h1>Threads</h1><ul class="threads">{row}</ul>'
    pages = {f"/?day={DAY}": f"{day}</body></html>".encode()}
    pages |= {f"/thread?id=7&from={start}": thread_page(start) for start in (0, 2, 4)}
    return {path: Reply(body=body) for path, body in pages.items()}


@pytest.mark.long
def test_a_thread_over_three_pages_without_a_counter_is_unproven(tmp_path: Path) -> None:
    pack = new_source("pier", base_url="https://pier.example/", output=tmp_path)
    code = Path(__file__).with_name("pier.py").read_text("utf-8")
    (pack / "thresher_pier" / "__init__.py").write_text(code, "utf-8")
    case = pack / "fixtures" / "pier" / "first-day"
    shutil.copytree(case, case.with_name("a-thread"))
    (case / "page.html").write_bytes(site()[f"/?day={DAY}"].body)
    (case.with_name("a-thread") / "page.html").write_bytes(thread_page(0))
    meta = json.loads((case / "meta.json").read_text("utf-8")) | {
        "url": "https://pier.example/thread?id=7&from=0"
    }
    (case.with_name("a-thread") / "meta.json").write_text(json.dumps(meta), "utf-8")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    install = [sys.executable, "-m", "pip", "install", *options, "--target", tmp_path / "site", pack]
    assert completed(install, tmp_path).returncode == 0

    def thresher(*arguments: object) -> tuple[int, str, str]:
        ran = completed(
            [sys.executable, "-c", "from ingest.cli.main import main; main()", *arguments],
            tmp_path,
            PYTHONPATH=os.pathsep.join((str(tmp_path / "site"), str(ROOT))),
            THRESHER_DATABASE=str(tmp_path / "held.sqlite3"),
            THRESHER_ARCHIVE=str(tmp_path / "archive"),
            THRESHER_CONTACT="tests@localhost",
            XDG_CONFIG_HOME=str(tmp_path),
            XDG_DATA_HOME=str(tmp_path),
        )
        return ran.returncode, ran.stdout, ran.stderr

    checked = thresher("source", "check", "pier", "--fixtures", pack / "fixtures")
    assert (checked[0], "BROKEN" in checked[1]) == (0, False), checked
    with Replay(site().get) as server:
        command = ("harvest", "pier", "--date", DAY, "--base-url", server.url, "--delay", 0)
        first = json.loads(thresher(*command, "--json")[1])
        assert (first["exit_code"], first["requests"], first["comments"]["new"]) == (0, 4, POSTS - 1)
        assert first["unproven"] == 2
        again = thresher(*command, "--strict", "--json")
        assert (again[0], json.loads(again[1])["requests"]) == (1, 1)
    assert thresher("verify", "pier")[0] == 0
    assert thresher("verify", "pier", "--strict")[0] == 1
    shown = json.loads(thresher("show", "7", "--source", "pier", "--json")[1])
    assert [one["external_id"] for one in shown["comments"]] == [str(70 + rank) for rank in range(1, POSTS)]
