"""Other people's WARC files read by warcio, by FastWARC and by us: a table by file.

python -m tests.bench.others_warc_files [DIR]
"""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastwarcIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.exceptions import ArchiveLoadFailed

from ingest.archive.external.external_page import RecordCounts
from ingest.archive.external.pages import ExternalReader
from ingest.errors import ArchiveDamaged

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "cases" / "warc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The response records that each reader found in a file, and what we named as damaged."""

    file: str
    warcio: int
    fastwarc: int
    ours: int
    pages: int
    damaged: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Whether another reader found more."""
        return self.ours < max(self.warcio, self.fastwarc)


def compare(path: Path) -> Compared:
    """Read one file three times."""
    errors: list[ArchiveDamaged] = []
    seen = RecordCounts()
    reader = ExternalReader()
    pages = sum(1 for _ in reader.pages(path, damaged=errors.append, seen=seen))
    pages += sum(1 for _ in reader.revisits([path], damaged=lambda _, error: errors.append(error)))
    return Compared(
        file=path.name,
        warcio=_until_it_fails(path, _by_warcio),
        fastwarc=_until_it_fails(path, _by_fastwarc),
        ours=seen.kinds["response"],
        pages=pages,
        damaged=tuple(str(error).removeprefix(f"{path.name} ") for error in errors),
    )


def _until_it_fails(path: Path, read: Callable[[Path, list[None]], None]) -> int:
    found: list[None] = []
    try:
        with redirect_stderr(io.StringIO()):
            read(path, found)
    except (ArchiveLoadFailed, OSError, ValueError, EOFError, AttributeError, TypeError, KeyError):
        pass
    return len(found)


def _by_warcio(path: Path, found: list[None]) -> None:
    arc = ".arc" in path.suffixes
    with path.open("rb") as file:
        for record in WarcioIterator(file, arc2warc=arc):
            if record.rec_type == "response":
                record.content_stream().read()
                found.append(None)


def _by_fastwarc(path: Path, found: list[None]) -> None:
    with path.open("rb") as file:
        for record in FastwarcIterator(file, parse_http=False, quirks_mode=True):
            if record.record_type == WarcRecordType.response:
                record.reader.read()
                found.append(None)


def main(folder: Path) -> int:
    """Print the table; 1 if another reader found more in one of the files."""
    if not folder.is_dir():
        print(f"skipped: there is no folder {folder}")
        return 0
    rows = [compare(path) for path in sorted(folder.iterdir()) if path.is_file()]
    print(f"{'warcio':>6} {'fastw.':>6} {'ours':>6} {'pages':>6}  file, and what is damaged")
    for row in rows:
        mark = "  SHORT" if row.is_short else ""
        print(f"{row.warcio:6} {row.fastwarc:6} {row.ours:6} {row.pages:6}  {row.file}{mark}")
        for reason in row.damaged:
            print(f"{'':28}{reason}")
    print(f"{len(rows)} files, {sum(row.is_short for row in rows)} short")
    return 1 if any(row.is_short for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
