"""What reading a large archive takes: ``python -m tests.bench.archive_memory FOLDER [COUNT...]``.

For each count a database with so many captures and the files that hold them are written, one small record a
capture, and ``archive list``, ``archive verify`` and ``forget`` are run, each in its own process. Then the
files are taken away, so that every capture is a finding, and they are run again. Printed are the seconds of
each and its greatest memory; nothing is asserted.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import create_engine, insert

from ingest.archive import payload_sha1
from ingest.archive.warc.records import warc_date
from ingest.store import Store
from ingest.store.database.engine import read_url
from ingest.store.database.schema import captures

COUNTS = (40_000, 400_000)
IN_A_FILE = 50_000
FIRST = datetime(2003, 1, 1, tzinfo=UTC)
THRESHER = Path(sys.executable).with_name("thresher")
COMMANDS = {
    "archive list": ("archive", "list"),
    "archive verify": ("archive", "verify"),
    "archive verify --json": ("archive", "verify", "--json"),
    "forget": ("forget", "77", "--source", "rantburg", "--kind", "article", "--reason", "bench"),
}


def make(folder: Path, count: int) -> None:
    """Write the files and the database."""
    (folder / "archive").mkdir(parents=True)
    database = str(folder / "held.sqlite3")
    with Store.open(database):
        pass
    engine = create_engine(read_url(database))
    for number, start in enumerate(range(0, count, IN_A_FILE)):
        file = f"THRESHER-rantburg-{20030101000000000 + number}-00001-00001-bench.warc.gz"
        with (folder / "archive" / file).open("wb") as sink, engine.begin() as connection:
            made = rows(sink, file, range(start, min(count, start + IN_A_FILE)))
            connection.execute(insert(captures), list(made))
    engine.dispose()


def rows(sink: object, file: str, numbers: range) -> Iterator[dict[str, object]]:
    """The rows of the captures, each once its record is written."""
    offset = 0
    for number in numbers:
        at, body = FIRST + timedelta(minutes=number), b"<p>page %d</p>" % number
        url = f"http://www.rantburg.com/?D={at:%m/%d/%Y}&HC=1&SO="
        data = member(url, at, body)
        sink.write(data)  # type: ignore[attr-defined]
        yield {
            "source": "rantburg",
            "url": url,
            "captured_at": at,
            "status": 200,
            "digest": hashlib.sha256(body).hexdigest(),
            "content_type": "text/html",
            "warc_file": file,
            "warc_offset": offset,
            "warc_length": len(data),
            "framed": True,
            "payload_sha1": payload_sha1(body),
            "record_id": f"<urn:uuid:{number:032x}>",
        }
        offset += len(data)


def member(url: str, at: datetime, body: bytes) -> bytes:
    """A response record of its own gzip member."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    lines = (
        "WARC/1.1",
        "WARC-Type: response",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {warc_date(at)}",
        "Content-Type: application/http; msgtype=response",
        f"WARC-Payload-Digest: sha1:{payload_sha1(body)}",
        f"WARC-Block-Digest: sha1:{payload_sha1(block)}",
        f"Content-Length: {len(block)}",
    )
    return gzip.compress("\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n", 1, mtime=0)


def measured(folder: Path, *command: str) -> tuple[int, float, float]:
    """Its exit code, its seconds and the MB of memory that it had at most."""
    began = time.perf_counter()
    program = (THRESHER, "--database", folder / "held.sqlite3", "--archive", folder / "archive", "--quiet")
    told = subprocess.Popen([*map(str, program), *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(told.pid, 0)
    told.returncode = os.waitstatus_to_exitcode(status)
    return told.returncode, time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    """Make and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("counts", type=int, nargs="*")
    asked = parser.parse_args()
    for count in asked.counts or COUNTS:
        folder = asked.folder / str(count)
        # Its memory would count as that of the programs that are begun afterwards.
        maker = get_context("spawn").Process(target=make, args=(folder, count))
        maker.start()
        maker.join()
        for there in ("files there", "files gone"):
            for name, command in COMMANDS.items():
                code, seconds, most = measured(folder, *command)
                print(
                    f"{count:>8,}  {there}  {name:<22} exit {code}  {seconds:7.1f} s  {most:7.0f} MB",
                    flush=True,
                )
            shutil.rmtree(folder / "archive", ignore_errors=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
