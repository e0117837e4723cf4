"""Kept captures through today's parsers, without a network.

    captures --selection--> StoredCapture --reading (several limited processes)--> Read
             --run (one writer, batches)--> rows, quarantine --difference--> ReparseReport

Captures are loaded in the order in which they were made, whatever file they lie in and whichever process
parsed them, so that the outcome is the same each time.
"""

from ingest.jobs.reparse.batches import Progress
from ingest.jobs.reparse.diff import FieldChange, ReparseReport, Sample, failure_json
from ingest.jobs.reparse.run import reparse
from ingest.jobs.reparse.selection import Reparse

__all__ = ["FieldChange", "Progress", "Reparse", "ReparseReport", "Sample", "failure_json", "reparse"]
