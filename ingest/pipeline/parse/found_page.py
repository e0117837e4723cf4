"""A found page, read and parsed in a process with limits, which imports no more than that takes."""

from ingest.pipeline.parse.entry import Entry
from ingest.pipeline.parse.parse_input import of_capture
from ingest.pipeline.parse.worker import answer_of


def read_entry(entry: Entry) -> bytes:
    """What the found page says, packed; raises ArchiveDamaged if it is not there any more."""
    page = entry.page()
    return answer_of(of_capture(entry.source, page.as_capture(), url=page.url))
