"""A source's schedules file: ``[[schedule]]`` tables, each of one kind, read into ``Schedule`` values."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from schedules.cron import Cron
from schedules.errors import ScheduleInvalid
from schedules.schedule import GRACE, HORIZON, LEASE, SECOND, CatchUp, Every, Kind, Order, Schedule
from schedules.toml_table import Day, Model, Problem, Span, TomlTable, read_table
from schedules.windows import DAY

SHORTEST_EVERY = timedelta(minutes=1)
MOST_RECENT = 366
# "nightly", "backfill-2018"
NAME = re.compile(r"[a-z0-9-]{1,40}")

Interval = Annotated[timedelta, BeforeValidator(Span(SHORTEST_EVERY, 366 * DAY))]
Jitter = Annotated[timedelta, BeforeValidator(Span(timedelta(0), DAY))]
Horizon = Annotated[timedelta, BeforeValidator(Span(GRACE, 31 * DAY))]
Lease = Annotated[timedelta, BeforeValidator(Span(timedelta(seconds=30), DAY))]


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("it must be 1 to 40 of a-z, 0-9 and -")
    return text


Name = Annotated[str, AfterValidator(_name)]


class _Heading(TomlTable):
    """The two keys that say which schedule this is."""

    model_config = ConfigDict(extra="ignore")

    id: Name
    kind: Kind


class _ScheduleTable(TomlTable):
    """The keys of every kind. Their order is that in which they are checked."""

    id: Name = Field(description="The schedule's name, 1 to 40 of a-z, 0-9 and -.")
    kind: Kind = Field(description="What it does.")
    cron: str | None = Field(None, description="When it fires, by cron: this or every.")
    # validate_default: that neither is set is found only if the missing one is looked at.
    every: Interval | None = Field(
        None, validate_default=True, description="So long after one firing comes the next, such as 6h."
    )
    jitter: Jitter = Field(timedelta(0), description="It starts up to so much later, each time another.")
    catch_up: CatchUp = Field("latest", description="Which of the firings that were missed are made up for.")
    horizon: Horizon | None = Field(
        None, description="A firing missed longer ago is let go; by default a day."
    )
    lease: Lease = Field(
        LEASE, description="A process that shows no sign of life for so long is taken for dead."
    )

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        return Cron(text=text).text

    @field_validator("every")
    @classmethod
    def _fires_by_one_of_them(cls, every: timedelta | None, info: ValidationInfo) -> timedelta | None:
        if "cron" in info.data:
            if every is None and info.data["cron"] is None:
                raise ValueError("set when it fires, by cron or by every")
            if every is not None and info.data["cron"] is not None:
                raise ValueError("cron is set too: keep one of the two")
        return every

    @field_validator("jitter")
    @classmethod
    def _is_shorter_than_the_gap(cls, jitter: timedelta, info: ValidationInfo) -> timedelta:
        if {"cron", "every"} <= info.data.keys():
            gap = _when(info.data["cron"], info.data["every"]).shortest_gap
            # A start that is put off past the next one would change the order of the runs.
            if jitter >= gap:
                raise ValueError(f"it must be less than the {gap} between two of its times")
        return jitter

    @field_validator("horizon")
    @classmethod
    def _has_an_effect(cls, horizon: timedelta | None, info: ValidationInfo) -> timedelta | None:
        if horizon is not None and info.data.get("catch_up") == "none":
            raise ValueError("with catch_up = 'none' it would have no effect")
        return horizon

    def schedule(self, source: str) -> Schedule:
        """The value that the table stands for."""
        values: dict[str, Any] = self.model_dump(exclude={"cron", "every"}) | {
            "jitter": self.jitter // SECOND,
            "horizon": self.horizon or HORIZON,
            "lease": self.lease // SECOND,
        }
        return Schedule(source=source, when=_when(self.cron, self.every), **values)


class _HarvestTable(_ScheduleTable):
    """A harvest of the last days."""

    recent: int | None = Field(None, ge=1, le=MOST_RECENT, description="The last so many days.")
    full: bool = Field(False, description="Every page of them, also those that are done.")


class _VerifyTable(_ScheduleTable):
    """A comparison of what is held with the site's own counters."""

    since: Day | None = Field(None, description="The first day.")
    until: Day | None = Field(None, description="The last day.")

    @field_validator("until")
    @classmethod
    def _is_not_before_since(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if since is not None and until is not None and since > until:
            raise ValueError(f"it is earlier than since, {since}")
        return until


class _BackfillTable(_VerifyTable):
    """A backfill of past days."""

    since: Day = Field(description="The first day.")
    order: Order = Field("newest", description="Which end of the window comes first.")
    full: bool = Field(False, description="Every page, also those that are done.")


TABLES: Mapping[Kind, type[_ScheduleTable]] = {
    "harvest": _HarvestTable,
    "backfill": _BackfillTable,
    "verify": _VerifyTable,
}


class _File(TomlTable):
    """The whole file."""

    schedule: list[dict[str, object]] = Field(default_factory=list)


def schedules_of(table: Mapping[str, object], source: str) -> tuple[Schedule, ...]:
    """The schedules of a file's ``[[schedule]]`` tables, in its order.

    Raises:
        ScheduleInvalid: something in it is invalid; the error names the schedule, the key and the value.
    """
    file = _read(_File, table, f"the schedules of {source}")
    schedules: dict[str, Schedule] = {}
    for number, entry in enumerate(file.schedule, start=1):
        name = f"schedule {number} of {source}"
        heading = _read(_Heading, entry, name)
        if heading.id in schedules:
            raise ScheduleInvalid(name, "id", heading.id, "another schedule has it")
        named = f"schedule {heading.id!r} of {source}"
        schedules[heading.id] = _read(TABLES[heading.kind], entry, named).schedule(source)
    return tuple(schedules.values())


def _read(model: type[Model], table: Mapping[str, object], name: str) -> Model:
    result = read_table(model, table)
    if isinstance(result, Problem):
        raise ScheduleInvalid(name, result.key, result.value, result.why)
    return result


def _when(cron: str | None, every: timedelta | None) -> Cron | Every:
    return Cron(text=cron) if cron is not None else Every(interval=every or SHORTEST_EVERY)
