"""The changes that a page makes to the rows of one table, by the same rules for articles and comments.

A page newer than the row's last sighting gives the present state; the same page read again may correct
it; an older page only fills gaps and shows that the row existed earlier.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic

from ingest.decide.changes.content import ContentT, digest_of, filled, is_stub, position_of, renewed
from ingest.decide.changes.matching import Listing
from ingest.decide.changes.model import FormerContent, NewRow, RewrittenRow, RowChanges, StoredRow
from ingest.records.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a capture is read.

    ``first``: it was not loaded before. ``again``: the same revision of the parser has read it before, so
    that it has filled what gaps it could, and a gap of today is what a newer page says. ``behind``: the
    captures of the same moment that come behind it in the order of captures; ``superseded``: one of them
    shows the same rows, so that this is an older page to what is known from that moment.
    """

    again: bool = False
    first: bool = False
    superseded: bool = False
    behind: frozenset[int] = frozenset()

    def is_up_to_date(self, known_at: datetime, captured_at: datetime) -> bool:
        """Whether the page gives the present state of a row that is known from that moment."""
        return known_at < captured_at or (known_at == captured_at and not self.superseded)

    def returns(self, vanished_at: datetime | None, captured_at: datetime) -> bool:
        """Whether a row that had vanished at that moment is there again if the page lists it."""
        return vanished_at is not None and self.is_up_to_date(vanished_at, captured_at)

    def proves_gone(self, seen_at: datetime, captured_at: datetime) -> bool:
        """Whether a row that was seen at that moment is gone if the page does not list it.

        The capture that showed a row does not prove that it is gone, whatever another parser reads in it.
        """
        return seen_at < captured_at or (seen_at == captured_at and self.first)


ONCE_MORE = Reading()
"""A capture that was loaded before, read by another parser or revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known(Generic[ContentT]):
    """A stored row that the page lists, and what it should say from now on."""

    row: StoredRow[ContentT]
    external_id: str | None
    content: ContentT
    up_to_date: bool
    """The page is at least as new as the row."""

    @property
    def renewed(self) -> bool:
        return self.up_to_date and self.content != self.row.content

    @property
    def modified(self) -> bool:
        # What was only named was never shown to be anything else.
        return self.renewed and not is_stub(self.row.content)

    @property
    def rewritten(self) -> bool:
        moved = position_of(self.content) != position_of(self.row.content)
        return moved or self.content != self.row.content or self.external_id != self.row.external_id


def row_changes(
    listed: Sequence[Listing[ContentT]],
    unlisted: Iterable[StoredRow[ContentT]],
    silent: frozenset[str],
    captured_at: datetime,
    reading: Reading,
) -> RowChanges[ContentT]:
    """The changes to one table.

    ``unlisted`` are the rows that a complete page would have listed and did not; ``silent`` are the
    names of content fields that the page never shows; ``reading`` see ``decide``.
    """
    known = [
        _known(listing, listing.held, silent, captured_at, reading)
        for listing in listed
        if listing.held is not None
    ]
    seen = _sightings([match.row for match in known], unlisted, captured_at, reading)
    new = tuple(_new_row(listing) for listing in listed if listing.held is None)
    former = tuple(_former(match.row, captured_at) for match in known if match.modified)
    return replace(
        seen,
        new=new,
        rewritten=tuple(_rewritten(match) for match in known if match.rewritten),
        former=former,
        counts=Counts(
            new=len(new),
            modified=len(former),
            unmodified=len(known) - len(former),
            vanished=len(seen.vanished),
            returned=len(seen.returned),
        ),
    )


def _sightings(
    listed: Sequence[StoredRow[ContentT]],
    unlisted: Iterable[StoredRow[ContentT]],
    captured_at: datetime,
    reading: Reading,
) -> RowChanges[ContentT]:
    """When rows were seen, and which are gone; nothing yet of what they say."""
    return RowChanges(
        new=(),
        rewritten=(),
        former=(),
        seen=tuple(row.row_id for row in listed if row.last_seen_at < captured_at),
        seen_earlier=tuple(row.row_id for row in listed if captured_at < row.first_seen_at),
        returned=tuple(row.row_id for row in listed if reading.returns(row.vanished_at, captured_at)),
        vanished=tuple(_gone(unlisted, captured_at, reading)),
        counts=Counts(),
    )


def _gone(unlisted: Iterable[StoredRow[ContentT]], captured_at: datetime, reading: Reading) -> Iterator[int]:
    for row in unlisted:
        if row.live and reading.proves_gone(row.last_seen_at, captured_at):
            yield row.row_id


def _known(
    listing: Listing[ContentT],
    row: StoredRow[ContentT],
    silent: frozenset[str],
    captured_at: datetime,
    reading: Reading,
) -> _Known[ContentT]:
    # At one moment the row may be from a capture that comes behind this one.
    up_to_date = row.last_seen_at < captured_at or (
        row.last_seen_at == captured_at and row.origin.capture_id not in reading.behind
    )
    if up_to_date:
        content = renewed(row.content, listing.content, silent)
    else:
        # An older page may fill a gap once; what is empty since was emptied by a newer one.
        content = row.content if reading.again else filled(row.content, listing.content)
    # An id that is known stays: only a row of a page without ids takes one over.
    external_id = listing.external_id if row.external_id is None else row.external_id
    return _Known(row=row, external_id=external_id, content=content, up_to_date=up_to_date)


def _new_row(listing: Listing[ContentT]) -> NewRow[ContentT]:
    return NewRow(
        article=listing.article,
        external_id=listing.external_id,
        content=listing.content,
        digest=digest_of(listing.content),
    )


def _rewritten(known: _Known[ContentT]) -> RewrittenRow[ContentT]:
    return RewrittenRow(
        row_id=known.row.row_id,
        external_id=known.external_id,
        content=known.content,
        digest=digest_of(known.content),
        renewed=known.renewed,
    )


def _former(row: StoredRow[ContentT], captured_at: datetime) -> FormerContent[ContentT]:
    return FormerContent(
        row_id=row.row_id,
        content=row.content,
        valid_from=row.since,
        valid_to=captured_at,
        origin=row.origin,
    )
