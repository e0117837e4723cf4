"""What a worker does with an answer of the archive, in its own process: read it, parse it, count fields."""

from dataclasses import dataclass

from ingest.archive import Written, payload_sha1
from ingest.archive.archive_file import file_in
from ingest.archive.external.external_page import ExternalPage
from ingest.archive.external.pages import read_page
from ingest.archive.external.revisits import Repeated
from ingest.archive.reader import read_answer_at
from ingest.archive.warc.http_message import Answer
from ingest.archive.warc.place import Place
from ingest.decide.drift.fill_rates import Rates, fill_rates
from ingest.jobs.rebuild.order import Wanted
from ingest.pipeline.capture_rows import index_row
from ingest.pipeline.parse.parse_input import of_capture
from ingest.pipeline.parse.worker import parsed
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import CaptureRow
from parsers.errors import ThresherError
from parsers.records import packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A capture's row, still without the one that it repeats, and its page, packed, or why there is none."""

    row: CaptureRow
    original: Place | None
    page: bytes | ThresherError
    rates: tuple[Rates, ...] = ()


class Reading:
    """Pickled into the worker and called there. ``run_id`` is the run that the rows are of."""

    def __init__(self, folder: ArchiveFolder, source: str, run_id: int) -> None:
        self._folder = folder
        self._source = source
        self._run_id = run_id

    def __call__(self, wanted: Wanted) -> Taken:
        """The answer. Raises ArchiveDamaged and StoreUnusable if the archive does not have it whole."""
        found = self._read(wanted)
        row = self._row(wanted, found)
        try:
            page = parsed(of_capture(self._source, found.as_capture(), url=found.requested_url))
        except ThresherError as error:
            return Taken(row=row, original=wanted.original, page=error)
        return Taken(row=row, original=wanted.original, page=packed(page), rates=fill_rates([page]))

    def unparsed(self, wanted: Wanted, error: ThresherError) -> Taken:
        """The answer whose parse ended its process; raises as a call does."""
        return Taken(row=self._row(wanted, self._read(wanted)), original=wanted.original, page=error)

    def _read(self, wanted: Wanted) -> ExternalPage:
        def original(_: Repeated) -> Answer | None:
            return read_answer_at(self._folder, wanted.original) if wanted.original is not None else None

        return read_page(
            file_in(self._folder, wanted.place.file), wanted.place.offset, find_original=original
        )

    def _row(self, wanted: Wanted, page: ExternalPage) -> CaptureRow:
        place = wanted.place
        written = Written(
            file=place.file,
            offset=place.offset,
            length=place.length,
            record_id=page.record_id,
            payload_sha1=payload_sha1(page.answer.wire_body),
            refers_to=None,
        )
        return index_row(
            page.as_capture(), written, source=self._source, run_id=self._run_id, url=page.requested_url
        )
