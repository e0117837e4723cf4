"""Captures as WARC/1.1 files that any tool of the trade can read; the only door to fastwarc.

    Capture --records--> two gzip members --writer--> one write() each, fsync --> Place (file, offset, length)
    Place --reader--> body

The member is on disk before the database hears of it: a row without its record cannot be.
"""

from ingest.archive.reader import read_body
from ingest.archive.writer import ArchiveWriter, Place

__all__ = ["ArchiveWriter", "Place", "read_body"]
"""What others need of the archive."""
