"""One record out of the archive, by its place."""

import errno
import io
import stat
import zlib
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from ingest.archive.archive_file import ObjectFile, find_file
from ingest.archive.warc.http_message import Answer, Unreadable, payload_of, read_answer, read_headers_of
from ingest.archive.warc.place import Place
from ingest.archive.warc.walk import END
from ingest.errors import StoreUnusable
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.capture import header_values
from ingest.records.pages import CaptureRow, StoredCapture

LARGEST_MEMBER = 64 * 1024 * 1024
"""Far more than a capture may have: a member that claims more is damaged."""


def read_stored(folder: ArchiveFolder, stored: StoredCapture) -> bytes:
    """The decoded body of a capture; that of a revisit is its original's. Raises StoreUnusable."""
    if stored.redacted:
        why = stored.row.error if stored.row.redacted else "what it repeats was redacted"
        raise StoreUnusable(f"capture {stored.capture_id} is no more: {why}")
    if stored.row.refers_to is not None and stored.original is None:
        raise StoreUnusable(
            f"capture {stored.capture_id} repeats capture {stored.row.refers_to}, which is gone"
        )
    return read_body(folder, place_of(stored.original or stored.row))


def read_headers(folder: ArchiveFolder, row: CaptureRow) -> dict[str, str]:
    """The headers of a capture's own answer, a revisit's as well, by their names in lower case.

    Raises:
        StoreUnusable: the file is gone, or has no whole record at this place.
    """
    place = place_of(row)
    named = f"{place.file} at {place.offset}"
    record = _inflated(read_member(folder, place), named, LARGEST_MEMBER)
    try:
        return header_values(read_headers_of(payload_of(record)))
    except Unreadable as exc:
        raise StoreUnusable(f"the archive is damaged: {named}: {exc}") from exc


def place_of(row: CaptureRow) -> Place:
    """The place of the capture's record."""
    return Place(file=row.warc_file, offset=row.warc_offset, length=row.warc_length)


def read_body(folder: ArchiveFolder, place: Place, *, largest: int = LARGEST_MEMBER) -> bytes:
    """The decoded body of the response record at a place.

    Raises:
        StoreUnusable: the file is gone, or has no whole response record at this place.
    """
    named = f"{place.file} at {place.offset}"
    record = _inflated(read_member(folder, place), named, largest)
    records = ArchiveIterator(io.BytesIO(record), record_types=WarcRecordType.response, parse_http=False)
    for response in records:
        if not response.verify_block_digest():
            raise StoreUnusable(f"the archive is damaged: {named}: the block's digest is wrong")
        try:
            # Decoded as it was when it was stored: fastwarc raises for bytes behind a gzip body.
            return read_answer(response.reader.read(), largest=largest).body
        except Unreadable as exc:
            raise StoreUnusable(f"the archive is damaged: {named}: {exc}") from exc
    raise StoreUnusable(f"the archive is damaged: {named}: no response record")


def read_answer_at(folder: ArchiveFolder, place: Place) -> Answer:
    """The whole answer at a place, as it was received. Raises StoreUnusable."""
    named = f"{place.file} at {place.offset}"
    record = _inflated(read_member(folder, place), named, LARGEST_MEMBER)
    try:
        # The WARC header ends with an empty line, as the HTTP header behind it does.
        return read_answer(payload_of(record).removesuffix(END))
    except Unreadable as exc:
        raise StoreUnusable(f"the archive is damaged: {named}: {exc}") from exc


def read_member(folder: ArchiveFolder, place: Place) -> bytes:
    """The bytes at a place as they are on disk. Raises StoreUnusable."""
    path = find_file(folder, place.file)
    try:
        if isinstance(path, ObjectFile):
            return path.read_at(place.offset, place.length)
        require_file(path)
        with path.open("rb") as file:
            file.seek(place.offset)
            return file.read(place.length)
    except OSError as exc:
        named = f"{place.file} at {place.offset}"
        raise StoreUnusable(f"the archive cannot be read: {named}: {exc.strerror}") from exc


def require_file(path: Path) -> None:
    """Raises OSError for what is not a regular file: opening a pipe would wait for its writer."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")


def _inflated(member: bytes, named: str, largest: int) -> bytes:
    # 31: a gzip header, and the checksum at its end.
    inflate = zlib.decompressobj(31)
    try:
        record = inflate.decompress(member, largest)
    except zlib.error as exc:
        raise StoreUnusable(f"the archive is damaged: {named}: {exc}") from exc
    if not inflate.eof:
        raise StoreUnusable(f"the archive is damaged: {named}: the member is not whole")
    return record
