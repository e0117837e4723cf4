"""What the operator chose in the settings file and in the environment, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.records.budget import UNLIMITED, Budget
from parsers.source import Site
from schedules.slices import FleetSettings

LONGEST_DELAY, LONGEST_PAUSE = 3600, 3600.0  # a pause is what one Retry-After may ask for
ENVIRONMENT = "THRESHER_"  # begins the names of our variables: THRESHER_CONTACT is ``contact``
LAST_PORT = 65535
Runner = Literal["local", "procrastinate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """What the operator says of one source; None leaves it to the pack, or to the default."""

    base_url: str | None = None
    delay: float | None = None
    budget: Budget = UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """None, or nothing, is left to the defaults. ``sites`` are sources of common kinds of software."""

    database: str | None = None
    archive: str | None = None
    spool: str | None = None
    contact: str | None = None
    schedules: str | None = None
    port: int | None = None
    runner: Runner = "local"
    fleet: FleetSettings = field(default_factory=FleetSettings)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    sites: tuple[Site, ...] = ()
    budgets: Mapping[str, Budget] = field(default_factory=dict)
