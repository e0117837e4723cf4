"""Revisits until their originals are known: records of the same file, of another one, or of our own archive.

They are kept until all files are read, and then one more reading of the files finds the originals: an
original may come later, and a gzip member that holds many records is not read once for each of its revisits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from ingest.archive.external.addresses import read_address
from ingest.archive.external.dates import read_date
from ingest.archive.warc.digests import payload_sha1, same_spelling
from ingest.archive.warc.http_message import payload_of
from ingest.archive.warc.walk import RawRecord

Key = tuple[str, str]
P = TypeVar("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What a revisit says of the response that it repeats: empty, or None, where it says nothing.

    ``digest`` is that of the payload as received (``sha1:`` and base32), ``record_id`` has no brackets.
    """

    url: str
    digest: str
    record_id: str = ""
    captured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Generic[P]):
    """A revisit, its page without an answer, and what its original may be known by."""

    page: P
    record: RawRecord
    repeated: Repeated
    keys: tuple[Key, ...]


@dataclass(slots=True)
class Revisits(Generic[P]):
    """The revisits whose originals are not found yet."""

    _by_key: dict[Key, dict[int, Waiting[P]]] = field(default_factory=dict)
    _waiting: dict[int, Waiting[P]] = field(default_factory=dict)
    _serial: int = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, page: P, record: RawRecord) -> None:
        """Keep a revisit until its original is met."""
        repeated, moment = repeated_by(record), record.header("WARC-Refers-To-Date") or ""
        # Tools fill in one of these or another: WARC-Refers-To, its date, or a payload's digest alone.
        keys = (("id", repeated.record_id), (repeated.url, moment), ("payload", repeated.digest))
        waiting = Waiting(
            page=page, record=record, repeated=repeated, keys=tuple(key for key in keys if all(key))
        )
        self._serial += 1
        self._waiting[self._serial] = waiting
        for key in waiting.keys:
            self._by_key.setdefault(key, {})[self._serial] = waiting

    def of(self, original: RawRecord) -> Iterator[Waiting[P]]:
        """Remove and return the revisits that repeat a response."""
        keys = _keys(original)
        digest = dict(keys).get("payload", "")
        for key in keys:
            for serial, waiting in tuple(self._by_key.get(key, {}).items()):
                # Two captures of one second have the address and the date in common.
                own = waiting.repeated.digest
                if key[0] == "id" or not (digest and own) or digest == own:
                    self._forget(serial)
                    yield waiting

    def left(self) -> Iterator[Waiting[P]]:
        """Remove and return the revisits whose originals were not found, in the order they were added."""
        waiting, self._waiting, self._by_key = self._waiting, {}, {}
        yield from waiting.values()

    def _forget(self, serial: int) -> None:
        for key in self._waiting.pop(serial).keys:
            self._by_key[key].pop(serial)


def repeated_by(record: RawRecord) -> Repeated:
    """What the headers of a revisit say of its original."""
    url = record.header("WARC-Refers-To-Target-URI") or record.header("WARC-Target-URI") or ""
    return Repeated(
        url=read_address(url),
        digest=same_spelling(record.header("WARC-Payload-Digest") or ""),
        record_id=_bare(record.header("WARC-Refers-To")),
        captured_at=read_date(record.header("WARC-Refers-To-Date") or ""),
    )


def _keys(record: RawRecord) -> tuple[Key, ...]:
    keys = (
        ("id", _bare(record.header("WARC-Record-ID"))),
        (read_address(record.header("WARC-Target-URI") or ""), record.header("WARC-Date") or ""),
        ("payload", _payload_digest(record)),
    )
    return tuple(key for key in keys if all(key))


def _bare(record_id: str | None) -> str:
    return (record_id or "").strip().strip("<>")


def _payload_digest(record: RawRecord) -> str:
    label = record.header("WARC-Payload-Digest")
    if label is None and record.block is not None:
        return f"sha1:{payload_sha1(payload_of(record.block))}"
    return same_spelling(label or "")
