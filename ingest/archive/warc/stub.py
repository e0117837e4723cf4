"""The record that replaces a redacted capture.

It is a ``metadata`` record that refers to the one that was there, keeps its address and date, and says why.
A response without its body would be valid too, but replay tools would show it as an empty page, and parsers
would read it as one. Indexers and replay tools ignore metadata.
"""

import gzip
from datetime import datetime
from uuid import uuid4

from ingest.archive.archive_file import ArchiveFile, file_in
from ingest.archive.warc.digests import payload_sha1
from ingest.archive.warc.place import Place
from ingest.archive.warc.records import LEVEL, Member, warc_date
from ingest.archive.warc.walk import RawRecord, walk
from ingest.errors import ArchiveDamaged, StoreUnusable
from ingest.records.archive_folder import ArchiveFolder

KEPT = {
    "WARC-Target-URI": "WARC-Target-URI",
    "WARC-Date": "WARC-Date",
    "WARC-Warcinfo-ID": "WARC-Warcinfo-ID",
    "WARC-Refers-To": "WARC-Record-ID",
}
"""The stub's headers, and those of the record before it that they are taken from."""


def stub_of(path: ArchiveFile, place: Place, *, reason: str, at: datetime) -> Member:
    """The stub for the response or revisit at a place of a file.

    Raises:
        StoreUnusable: the place has no whole response of the indexed length.
    """
    record = _record_at(path, place)
    if record is None or record.kind not in {"response", "revisit"}:
        named = f"{place.file} at {place.offset}"
        raise StoreUnusable(
            f"the archive is damaged: {named}: no whole response record of the indexed length"
        )
    block = f"redacted: {' '.join(reason.split())}\r\nredactedAt: {warc_date(at)}\r\n".encode()
    record_id = f"<urn:uuid:{uuid4()}>"
    lines = [
        "WARC/1.1",
        "WARC-Type: metadata",
        f"WARC-Record-ID: {record_id}",
        *(f"{name}: {value}" for name, old in KEPT.items() if (value := record.header(old)) is not None),
        "Content-Type: application/warc-fields",
        f"WARC-Block-Digest: sha1:{payload_sha1(block)}",
        f"Content-Length: {len(block)}",
    ]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"
    return Member(data=gzip.compress(data, LEVEL, mtime=0), record_id=record_id)


def is_stub(folder: ArchiveFolder, place: Place) -> bool:
    """Whether the place has a whole stub."""
    record = _record_at(file_in(folder, place.file), place)
    return record is not None and record.kind == "metadata"


def _record_at(path: ArchiveFile, place: Place) -> RawRecord | None:
    if not path.is_file():
        return None
    try:
        record = next(walk(path, start=place.offset), None)
    except ArchiveDamaged:
        return None
    return record if record is not None and record.end == place.offset + place.length else None
