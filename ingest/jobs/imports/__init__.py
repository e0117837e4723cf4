"""Parse pages outside our archive with today's parsers: WARC files of others, and fixtures.

    files --finding--> Entry (whose, when, where to read it), of all files together, oldest first
          --parsing (several limited processes)--> Read --run--> our archive, rows, quarantine, ReparseReport

The files are listed first and each page is read again in its turn: so the order in which the files are named
makes no difference, and only a few pages are in memory.
"""

from ingest.jobs.imports.import_files import FileImport, import_files
from ingest.jobs.imports.run import reparse_entries
from ingest.jobs.imports.warc_files import Finder
from ingest.pipeline.parse.entry import Entry

__all__ = ["Entry", "FileImport", "Finder", "import_files", "reparse_entries"]
