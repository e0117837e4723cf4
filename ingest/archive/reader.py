"""One record out of the archive, by its place."""

import io
import zlib
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from ingest.archive.writer import OPEN, Place
from ingest.errors import StoreUnusable

LARGEST_MEMBER = 64 * 1024 * 1024
"""Far above what a capture may hold: a member that claims more is damaged."""


def read_body(folder: Path, place: Place, *, largest: int = LARGEST_MEMBER) -> bytes:
    """The decoded body of the response record at a place.

    Raises:
        StoreUnusable: the file is gone, or no whole response record lies there.
    """
    named = f"{place.file} at {place.offset}"
    if Path(place.file).name != place.file:
        raise StoreUnusable(f"{place.file!r} is no archive file's name")
    try:
        path = folder / place.file
        with (path if path.exists() else path.with_name(place.file + OPEN)).open("rb") as file:
            file.seek(place.offset)
            member = file.read(place.length)
    except OSError as exc:
        raise StoreUnusable(f"the archive cannot be read: {named}: {exc.strerror}") from exc
    inflate = zlib.decompressobj(31)
    try:
        record = inflate.decompress(member, largest)
    except zlib.error as exc:
        raise StoreUnusable(f"the archive is damaged: {named}: {exc}") from exc
    if not inflate.eof:
        raise StoreUnusable(f"the archive is damaged: {named}: the member is not whole")
    records = ArchiveIterator(io.BytesIO(record), record_types=WarcRecordType.response, parse_http=False)
    for response in records:
        if not response.verify_block_digest():
            raise StoreUnusable(f"the archive is damaged: {named}: the block's digest is wrong")
        response.parse_http(auto_decode="content")
        return response.reader.read()
    raise StoreUnusable(f"the archive is damaged: {named}: no response record")
