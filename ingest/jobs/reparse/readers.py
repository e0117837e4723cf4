"""Several workers read captures at a time; what they say comes in the order of the captures."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from ingest.jobs.reparse.batches import Read
from ingest.jobs.reparse.worker import Asked, Reading, Said
from ingest.pipeline.parse.limited_process import Answered, WorkerLimits, limits_for
from ingest.pipeline.parse.pool import Pool
from ingest.records.archive_folder import ArchiveFolder
from ingest.records.pages import StoredCapture
from parsers.errors import ThresherError


class Readers:
    """A context manager: ``number`` workers, each asked for the captures of a few days together."""

    def __init__(
        self, folder: ArchiveFolder, number: int, *, database: str | None, limits: WorkerLimits | None = None
    ) -> None:
        reading = Reading(folder, database)
        self._pool: Pool[Asked, Said] = Pool(reading, number, limits=limits_for(folder, limits))

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, trace)

    def read(self, captures: Iterable[StoredCapture], as_of: Callable[[], int]) -> Iterator[Read]:
        """What each capture says; never more than a few are under way or waiting to be taken.

        ``as_of`` returns, whenever one is asked for, how often the database was changed.
        """
        questions = (Asked(stored=stored, as_of=as_of()) for stored in captures)
        return (_read(*answered) for answered in self._pool.answers(questions))

    def page_again(self, read: Read) -> Said | Exception:
        """What the same capture says as a whole page, whatever it changes."""
        if read.stored is None:
            raise AssertionError("a capture that is not held is always read whole")
        (answer,) = self._pool.ask([Asked(stored=read.stored, as_of=read.as_of, whole=True)])
        return _said(answer)


def _read(asked: Asked, answer: Answered[Said] | ThresherError) -> Read:
    return Read(row=asked.stored.row, stored=asked.stored, as_of=asked.as_of, said=_said(answer))


def _said(answer: Answered[Said] | ThresherError) -> Said | Exception:
    return answer.value if isinstance(answer, Answered) else answer
