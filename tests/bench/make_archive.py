"""Writes an archive to measure on: ``python -m tests.bench.make_archive FOLDER --pages N``.

FOLDER/held.sqlite3    the database: a row a capture that no parser has read yet, and the run that made them
FOLDER/archive/        WARC files of whole section pages of about 100 kB, through ingest's own writer
FOLDER/truth.jsonl     a line a page: url, day, section, and the comments of each article by its id

No two pages are alike: days go back from the newest, each with ids and words of its own. The same N gives the
same pages. Nothing here is part of a pass or a fail.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from ingest.archive import ArchiveWriter
from ingest.records.capture import Capture
from ingest.records.pages import CaptureRow
from ingest.store import Store
from tests.site.invent import invented_day
from tests.site.model import Day
from tests.site.render import encoded, section_page

SOURCE = "rantburg"
NEWEST = date(2024, 6, 30)
ARTICLES = {1: 12, 2: 12, 3: 12, 4: 12, 6: 12}
COMMENTS = 280
AT_ONCE = 500
"""Pages a WARC file, and rows a transaction."""
HEADERS = ((b"content-type", b"text/html"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One page and the truth of it."""

    day: Day
    section: int
    url: str
    body: bytes

    @property
    def truth(self) -> dict[str, object]:
        """Its line of ``truth.jsonl``."""
        threads = {
            article.external_id: len(article.comments) for article in self.day.of_section(self.section)
        }
        return {
            "url": self.url,
            "day": self.day.day.isoformat(),
            "section": self.section,
            "articles": threads,
        }


def pages(count: int, *, comments: int = COMMENTS, later: int = 0) -> Iterator[Made]:
    """So many section pages, newest day first; all of a day's before the day before it.

    The newest day is that many days ``later`` than the newest of an archive.
    """
    for made, number in enumerate(range(-later, -(-count // len(ARTICLES)) - later)):
        day = invented_day(
            NEWEST - timedelta(days=number),
            articles=ARTICLES,
            comments=comments,
            first_article=10_000_000 - 100 * number,
            first_comment=1_000_000_000 - 3_000 * number,
        )
        for place, section in enumerate(ARTICLES):
            if made * len(ARTICLES) + place < count:
                url = f"http://www.rantburg.com/?D={day.day:%m/%d/%Y}&HC={section}&SO="
                yield Made(day=day, section=section, url=url, body=encoded(section_page(day, section)))


def make(folder: Path, count: int, *, comments: int = COMMENTS) -> int:
    """Write the archive, its database and its truth; how many bytes of pages that were."""
    folder.mkdir(parents=True, exist_ok=True)
    size = 0
    with (
        Store.open(str(folder / "held.sqlite3")) as store,
        (folder / "truth.jsonl").open("w", encoding="utf-8") as truth,
    ):
        began = datetime.combine(NEWEST, time(12), UTC)
        run = store.runs.begin("harvest", SOURCE, began)
        made = pages(count, comments=comments)
        while part := list(islice(made, AT_ONCE)):
            size += _add(folder / "archive", store, run, part)
            truth.writelines(json.dumps(one.truth) + "\n" for one in part)
        store.runs.end(run, began + timedelta(hours=1), "complete", {})
    return size


def _add(folder: Path, store: Store, run: int, part: list[Made]) -> int:
    at = datetime.combine(part[0].day.day + timedelta(days=1), time(12, part[0].section), UTC)
    with ArchiveWriter(folder, source=SOURCE, started_at=at, about={"software": "thresher"}) as archive:
        captures = [capture_of(made) for made in part]
        places = [archive.append(capture) for capture in captures]
    with store.transaction() as transaction:
        for capture, place in zip(captures, places, strict=True):
            row = row_of(capture, place.file, offset=place.offset, length=place.length)
            transaction.captures.add(replace(row, run_id=run))
    return sum(len(made.body) for made in part)


def capture_of(made: Made) -> Capture:
    """The page as it was received on the morning after its day."""
    return Capture(
        url=made.url,
        captured_at=datetime.combine(made.day.day + timedelta(days=1), time(8, made.section), UTC),
        method="GET",
        request_headers=((b"host", b"www.rantburg.com"),),
        http_version="HTTP/1.1",
        status=200,
        reason="OK",
        response_headers=HEADERS,
        wire_body=made.body,
        body=made.body,
        ip="127.0.0.1",
        framed=True,
        seconds=0.1,
    )


def row_of(capture: Capture, file: str, *, offset: int, length: int) -> CaptureRow:
    """The capture's row; nobody has read it yet."""
    return CaptureRow(
        run_id=None,
        source=SOURCE,
        url=capture.url,
        kind=None,
        captured_at=capture.captured_at,
        status=capture.status,
        digest=hashlib.sha256(capture.body).hexdigest(),
        content_type=capture.header("content-type"),
        warc_file=file,
        warc_offset=offset,
        warc_length=length,
        framed=capture.framed,
    )


def main() -> None:
    """Make it, and say what there is."""
    options = argparse.ArgumentParser(description="Write an archive of invented section pages.")
    options.add_argument("folder", type=Path)
    options.add_argument("--pages", type=int, default=500)
    options.add_argument("--comments", type=int, default=COMMENTS, help="Comments a day, in five sections.")
    chosen = options.parse_args()
    size = make(chosen.folder, chosen.pages, comments=chosen.comments)
    print(f"{chosen.pages} pages of {size / chosen.pages / 1000:.0f} kB in {chosen.folder}")


if __name__ == "__main__":
    main()
