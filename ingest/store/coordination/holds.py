"""What leases of days, claims of a schedule's times and turns at hosts are: rows that are held for a while.

A hold has an owner, a time until which it lasts, and, where its owner writes under it, a fence: a number that
grows whenever the row is taken. It is over with its time, or with its owner's process; a process that slept
past it finds another fence, whatever its clock says.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, and_

from ingest.store.coordination.presence import Presence
from ingest.store.database.schema import hosts, pages, schedule_runs


@dataclass(frozen=True, kw_only=True)
class Hold:
    """The columns of a table in which a hold is written."""

    owner: Column[Any]
    until: Column[Any]

    def taken(self, owner: str, until: datetime) -> dict[str, Any]:
        """What is written when a row is taken."""
        return {self.owner.name: owner, self.until.name: until}

    def freed(self) -> dict[str, Any]:
        """What is written when a row is given back, or taken away."""
        return {self.owner.name: None, self.until.name: None}

    def is_held(
        self, row: Row[*tuple[Any, ...]], presence: Presence, connection: Connection, now: datetime
    ) -> bool:
        """Whether somebody has the row still: the time is not over, and the owner is not gone."""
        owner, until = row._mapping[self.owner.name], row._mapping[self.until.name]
        if owner is None or until is None or until <= now:
            return False
        return not presence.is_gone(connection, owner)


@dataclass(frozen=True, kw_only=True)
class FencedHold(Hold):
    """One under which its owner writes."""

    fence: Column[Any]

    def taken(self, owner: str, until: datetime) -> dict[str, Any]:
        return {**super().taken(owner, until), self.fence.name: self.fence + 1}

    def freed(self) -> dict[str, Any]:
        # Another number here as well: who slept through that does not write any more.
        return {**super().freed(), self.fence.name: self.fence + 1}

    def is_of(self, row: Row[*tuple[Any, ...]], owner: str, fence: int) -> bool:
        """Whether the row is the owner's by this fence: nobody has taken it since."""
        found = row._mapping[self.owner.name], row._mapping[self.fence.name]
        return found == (owner, fence)

    def where_of(self, owner: str, fence: int) -> ColumnElement[bool]:
        """The same as a condition."""
        return and_(self.owner == owner, self.fence == fence)


LEASE = FencedHold(owner=pages.c.lease_owner, until=pages.c.lease_until, fence=pages.c.fence)
CLAIM = FencedHold(
    owner=schedule_runs.c.owner, until=schedule_runs.c.lease_until, fence=schedule_runs.c.attempts
)
"""Its fence is the number of the attempt."""
TURN = Hold(owner=hosts.c.turn_owner, until=hosts.c.turn_until)
