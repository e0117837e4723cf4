"""What a rig's archive holds after a redaction, for us and for other tools."""

import gzip
import hashlib
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from ingest.archive import read_stored
from ingest.archive.warc.place import Place
from ingest.archive.warc.stub import is_stub
from ingest.store import Store
from tests.archive.warcs import passes_the_check
from tests.kit.rig import Rig

FASTWARC = Path(sys.executable).with_name("fastwarc")


def members(path: Path) -> list[bytes]:
    """The file's gzip members as they lie on disk."""
    data = path.read_bytes()
    starts = [at for at in range(len(data)) if data.startswith(b"\x1f\x8b\x08", at) and _begins(data, at)]
    return [data[at:end] for at, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def _begins(data: bytes, at: int) -> bool:
    try:
        return gzip.GzipFile(fileobj=BytesIO(data[at:])).read(5) == b"WARC/"
    except (OSError, EOFError):
        return False


def the_file(rig: Rig) -> Path:
    (path,) = rig.archive.iterdir()
    return path


def every_capture_is_whole(rig: Rig) -> list[int]:
    """Every capture reads back to its digest, or a stub stands for it; the ids of these."""
    gone = []
    with Store.open(rig.url) as store:
        for stored in store.captures.between():
            row = stored.row
            place = Place(file=row.warc_file, offset=row.warc_offset, length=row.warc_length)
            if row.redacted:
                assert is_stub(rig.archive, place)
                gone.append(stored.capture_id)
            else:
                assert hashlib.sha256(read_stored(rig.archive, stored)).hexdigest() == row.digest
    return gone


def passes_every_check(path: Path) -> None:
    subprocess.run(["gzip", "-t", path], check=True)
    subprocess.run([FASTWARC, "check", path], check=True, capture_output=True)
    assert passes_the_check(path)
