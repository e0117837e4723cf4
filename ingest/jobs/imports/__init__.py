"""Pages that lie outside our archive through today's parsers: WARC files of others, and fixtures.

    files --finding--> Entry (whose, when, where to read it), of all files together, oldest first
          --parsing (several limited processes)--> Read --run--> our archive, rows, quarantine, ReparseReport

What is found is told first and read again when its turn comes: in whatever order the files are named, the
outcome is the same, and no more than a few pages are in memory.
"""

from ingest.jobs.imports.run import reparse_entries
from ingest.jobs.imports.warc_files import Finder
from ingest.pipeline.parse.entry import Entry

__all__ = ["Entry", "Finder", "reparse_entries"]
