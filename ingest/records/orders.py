"""What a command asked the fleet to do, as the database keeps it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

QueueName = Literal["fetch", "parse"]
OrderCommand = Literal["harvest", "backfill", "reparse"]
OrderState = Literal["open", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order to be. Two of the same ``lock``, a host or a group of files, are never worked on at once.

    ``options`` are values of JSON. An order without a queue of its own work is the sum of its parts.
    """

    queue: QueueName
    lock: str
    command: OrderCommand
    source: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(NewOrder):
    """An order. ``tries`` counts how often it was begun since it last got on.

    ``counts`` are those of its runs. ``parent_id`` is the order that this one is a part of. ``error`` says
    why it waits, or how it failed; ``cursor`` what was finished last.
    """

    order_id: int
    parent_id: int | None
    state: OrderState
    tries: int
    created_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    run_id: int | None
    counts: Mapping[str, int]
    cursor: str | None
    exit_code: int | None
    error: str | None
