"""Captures as WARC/1.1 files that any web archive tool can read; the only door to fastwarc.

    Capture --records--> gzip members --writer--> one write() each, fsync --> Place (file, offset, length)
    Place --reader--> body
    a file a killed run left --recovery--> sealed; a file others made --external--> pages

The member is on disk before the database hears of it: a row without its record cannot be.
"""

from ingest.archive.reader import place_of, read_body, read_headers, read_stored
from ingest.archive.warc.digests import payload_sha1
from ingest.archive.warc.place import Place
from ingest.archive.warc.records import Borrowed
from ingest.archive.writer import ArchiveWriter, Written

__all__ = [
    "ArchiveWriter",
    "Borrowed",
    "Place",
    "Written",
    "payload_sha1",
    "place_of",
    "read_body",
    "read_headers",
    "read_stored",
]
"""What others need of the archive."""
