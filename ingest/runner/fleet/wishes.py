"""What a command wishes, as the options of an order and back. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from ingest.jobs.backfill import Backfill
from ingest.jobs.harvest import Harvest
from ingest.jobs.reparse import Reparse
from ingest.records.chosen import SourceSettings
from ingest.records.orders import NewOrder, Order
from ingest.settings import Settings
from parsers.source import Source
from schedules.windows import Window

RANK = {"harvest": 0, "backfill": 1}
"""A harvest is one visit: it goes before a backfill, which may take days."""

Options = Mapping[str, object]


def host_of(source: Source, chosen: SourceSettings) -> str:
    """The host whose lock a source's work takes: that which its pages are asked of."""
    return urlsplit(chosen.base_url or source.base_url).hostname or source.name


def of_harvest(wanted: Harvest, chosen: SourceSettings) -> NewOrder:
    """The order of a harvest."""
    options = {
        "days": [day.isoformat() for day in wanted.days],
        "recent": wanted.recent,
        "full": wanted.full,
        **_of_source(chosen),
    }
    return NewOrder(
        queue="fetch",
        lock=host_of(wanted.source, chosen),
        command="harvest",
        source=wanted.source.name,
        options=options,
    )


def harvest_of(order: Order, source: Source) -> Harvest:
    """The harvest of an order, from where its cursor is: the last day that was visited."""
    options = order.options
    return Harvest(
        source=source,
        days=tuple(date.fromisoformat(str(day)) for day in _listed(options["days"])),
        recent=_number(options["recent"]),
        full=bool(options["full"]),
        before=date.fromisoformat(order.cursor) if order.cursor is not None else None,
    )


def of_backfill(wanted: Backfill) -> NewOrder:
    """The order of a backfill."""
    options = {
        "since": wanted.window.since.isoformat(),
        "until": wanted.window.until.isoformat(),
        "newest_first": wanted.newest_first,
        "full": wanted.full,
        **_of_source(wanted.chosen),
    }
    return NewOrder(
        queue="fetch",
        lock=host_of(wanted.source, wanted.chosen),
        command="backfill",
        source=wanted.source.name,
        options=options,
    )


def backfill_of(order: Order, source: Source, chosen: SourceSettings) -> Backfill:
    """The backfill of an order."""
    options = order.options
    return Backfill(
        source=source,
        chosen=chosen,
        window=Window.of(_day(options["since"]), _day(options["until"])),
        newest_first=bool(options["newest_first"]),
        full=bool(options["full"]),
    )


def chosen_of(order: Order, settings: Settings) -> SourceSettings:
    """The source's settings on the worker's machine, with what the command said on top."""
    base_url, delay = order.options["base_url"], order.options["delay"]
    return settings.source(
        order.source,
        base_url=str(base_url) if base_url is not None else None,
        delay=float(str(delay)) if delay is not None else None,
    )


def of_reparse(wanted: Reparse, files: tuple[str, ...], lock: str) -> NewOrder:
    """The order of a re-parse, of these files or, without any, of all its parts."""
    options = {
        "since": wanted.since.isoformat() if wanted.since is not None else None,
        "until": wanted.until.isoformat() if wanted.until is not None else None,
        "everything": wanted.everything,
        "revision": wanted.revision,
        "files": list(files),
        **({"only": sorted(wanted.only)} if wanted.only is not None else {}),
    }
    return NewOrder(queue="parse", lock=lock, command="reparse", source=wanted.source.name, options=options)


def reparse_of(order: Order, source: Source) -> Reparse:
    """The re-parse of an order."""
    options = order.options
    since, until, only = options["since"], options["until"], options.get("only")
    return Reparse(
        source=source,
        since=_day(since) if since is not None else None,
        until=_day(until) if until is not None else None,
        everything=bool(options["everything"]),
        revision=_number(options["revision"]),
        only=frozenset(int(str(one)) for one in _listed(only)) if only is not None else None,
        files=frozenset(str(file) for file in _listed(options["files"])),
    )


def added(before: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """The counts of two slices; of days, which a slice counts anew, those of the later."""
    total = Counter(before)
    total.update({name: number for name, number in more.items() if not name.startswith("days_")})
    return {**total, **{name: number for name, number in more.items() if name.startswith("days_")}}


def _of_source(chosen: SourceSettings) -> dict[str, object]:
    return {"base_url": chosen.base_url, "delay": chosen.delay}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return int(str(value)) if value is not None else None


def _day(value: object) -> date:
    return date.fromisoformat(str(value))
