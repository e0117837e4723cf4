"""The job that docs/scale.md shows runs as printed, on a Dask cluster of this machine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from ingest.store.database.schema import articles, comments
from tests.kit import rows
from tests.kit.rig import DAY, Rig, busy_day
from tests.site.faults import instead
from tests.site.server import SiteServer

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


@pytest.mark.long
def test_the_job_reads_what_the_database_holds(tmp_path: Path) -> None:
    (job,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "job.py").write_text(job, "utf-8")
    (tmp_path / "out").mkdir()
    with SiteServer([busy_day()]) as site:
        rig = Rig.ready(site, tmp_path)
        rig.harvest(DAY)
        site.faults = [instead("HC=6", body=b"<p>Gone fishing</p>")]
        rig.harvest(DAY, full=True)
    done = subprocess.run(
        [sys.executable, "job.py", rig.archive, "out"],
        cwd=tmp_path,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    counts = [json.loads(line) for line in done.stdout.splitlines()]
    assert (len(counts), sum(one["unread"] for one in counts)) == (2, 1)
    read = [
        json.loads(line)
        for path in (tmp_path / "out").glob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    held = select(
        articles.c.source,
        articles.c.external_id,
        *(comments.c[name] for name in ("external_id", "author", "text")),
    )
    with rows.Connected(rig.url) as connection:
        stored = {tuple(row) for row in connection.execute(held.join_from(articles, comments))}
    assert {tuple(row[1:]) for row in read} == stored
