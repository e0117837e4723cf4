"""Captures as a WACZ package (1.1.1): WARC, index and list of pages in one file that a browser can replay.

py-wacz makes the package and runs as a program of its own: its dependencies are three times ours, and none
of them is loaded into this process.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.archive.export.copy import export_warc, finished, index_path
from ingest.archive.warc.file import share
from ingest.errors import ConfigurationError, StoreUnusable
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import CaptureRow

PROGRAM = "wacz"
PRIVATE = 0o077
"""The umask of what it makes: the words of pages."""


def export_wacz(
    folder: ArchiveFolder, rows: Iterable[CaptureRow], target: Path, *, about: Mapping[str, str], at: datetime
) -> int:
    """Copy the captures, each with its request, into a package; return how many captures.

    Raises:
        ConfigurationError: the extra ``wacz`` is not installed.
        StoreUnusable: it cannot be written.
        ArchiveDamaged: a capture is not whole.
    """
    program = _program()
    try:
        with finished(target) as part, TemporaryDirectory(dir=target.parent, prefix=".wacz-") as made:
            warc = Path(made) / f"{target.stem}.warc.gz"
            captures, _ = export_warc(folder, rows, warc, about=about, at=at)
            pages = warc.with_name("pages.jsonl")
            with pages.open("w", encoding="utf-8") as file:
                file.writelines(_page_list(index_path(warc)))
            _run(program, "create", "--pages", pages, "--copy-pages", "--output", part, warc)
            _sync(part)
    except OSError as exc:
        raise StoreUnusable(f"cannot be exported: {target}: {exc.strerror}") from exc
    return captures


def _program() -> str:
    # Beside our own Python first: a virtual environment need not be on the PATH.
    places = (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
    found = shutil.which(PROGRAM, path=os.pathsep.join(places))
    if found is None:
        raise ConfigurationError("wacz is not installed: pip install 'thresher[wacz]'")
    return found


def _page_list(index: Path) -> Iterator[str]:
    """A line for each page that can be opened, with the address and the time that the index gives."""
    # The list's own first line; then {"url": "https://...", "ts": "2018-03-23T05:35:00Z", "title": "..."}
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "Pages"}) + "\n"
    with index.open(encoding="ascii") as lines:
        for line in lines:
            _, stamp, block = line.split(" ", 2)
            fields = json.loads(block)
            # A revisit has no status of its own in the index, and is a page all the same.
            if fields.get("status") == "200" or fields.get("mime") == "warc/revisit":
                at = datetime.strptime(f"{stamp}Z", "%Y%m%d%H%M%S%z")
                page = {"url": fields["url"], "ts": f"{at:%Y-%m-%dT%H:%M:%SZ}", "title": fields["url"]}
                yield json.dumps(page) + "\n"


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(  # noqa: S603 - no shell, and the names are ours and the operator's
        [program, *map(str, arguments)],
        # It must not wait for an answer from the operator's terminal.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        umask=PRIVATE,
        check=False,
    )
    if done.returncode:
        last_line = done.stdout.strip().rpartition("\n")[2]
        raise StoreUnusable(f"{program} failed with exit code {done.returncode}: {last_line}")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        share(file.fileno(), path.parent)
        os.fsync(file.fileno())
