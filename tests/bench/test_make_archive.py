"""The archive that is measured on holds what its truth says."""

import json
from pathlib import Path

from ingest.archive import read_stored
from ingest.store import Store
from parsers.registry import source_named
from tests.bench.make_archive import make


def test_the_archive_holds_what_its_truth_says(tmp_path: Path) -> None:
    size = make(tmp_path, 7, comments=20)
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    with Store.open(str(tmp_path / "held.sqlite3")) as store:
        stored = {one.row.url: one for one in store.captures.between()}
    assert len(stored) == len(truth) == 7
    read = 0
    for page in truth:
        one = stored[page["url"]]
        body = read_stored(tmp_path / "archive", one)
        parsed = source_named("rantburg").parse(body, url=one.row.url, captured_at=one.row.captured_at)
        assert {article.external_id: len(article.comments) for article in parsed.articles} == page["articles"]
        assert (parsed.date.isoformat(), parsed.section) == (page["day"], page["section"])
        assert one.row.parser is None
        read += len(body)
    assert read == size
    assert sum(sum(page["articles"].values()) for page in truth) > 20
