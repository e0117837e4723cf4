"""Times in attributes and in JSON to ``Moment``: ISO 8601 with or without an offset, and Unix seconds."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from parsers.engines.printed_dates import (
    EARLIEST,
    LATEST,
    DayOrder,
    printed_local,
    read_printed,
    read_without_year,
)
from parsers.engines.records import EngineComment, Moment
from parsers.times import Thread

# 2018-03-23T01:35:00-0400, 2018-03-23 01:35, 2018-03-23T05:35:00.000Z
ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,][0-9]{1,9})?"
    r"\s?(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2}))?"
)
# Nine digits are of 1973 and later, ten of up to 2286; milliseconds have thirteen.
UNIX = re.compile(r"[0-9]{9,10}")
WITH_A_CLOCK = len("2018-03-23T")


def read_iso(text: str) -> Moment:
    """``2024-10-08T05:58:20-0500``, or the same without an offset: then the instant is not known yet.

    Raises:
        ValueError: it is no such time.
    """
    if (found := ISO.fullmatch(text.strip())) is None:
        raise ValueError(f"{text!r} is no time")
    local = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}")
    # 0001-01-01T00:00:00Z is a program's word for no time.
    if not EARLIEST <= local.year <= LATEST:
        raise ValueError(f"{text!r} is no time of a comment")
    written = local.isoformat(timespec="minutes")
    if found[4]:
        return Moment(local=written, at=local.replace(tzinfo=UTC))
    if found[5] is None:
        return Moment(local=written, at=None)
    ahead = timedelta(hours=int(found[6]), minutes=int(found[7]))
    offset = timezone(ahead if found[5] == "+" else -ahead)
    return Moment(local=written, at=local.replace(tzinfo=offset).astimezone(UTC))


def read_utc(text: str, zone: ZoneInfo | None) -> Moment:
    """A time in UTC, with or without the mark that says so; its wall clock is that of the site's zone."""
    moment = read_iso(text if text.endswith(("Z", "z")) else f"{text}Z")
    return in_zone(moment.at, zone) if moment.at is not None else moment


def read_unix(text: str, zone: ZoneInfo | None) -> Moment:
    """Seconds since 1970."""
    if not UNIX.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no Unix time")
    return in_zone(datetime.fromtimestamp(int(text), UTC), zone)


def in_zone(at: datetime, zone: ZoneInfo | None) -> Moment:
    """An instant with the wall clock of a zone, if the zone is known."""
    local = at.astimezone(zone).replace(tzinfo=None) if zone is not None else None
    return Moment(local=local.isoformat(timespec="minutes") if local is not None else None, at=at)


def read_words(text: str, order: DayOrder | None) -> Moment:
    """A date as people read it; its instant is not known before the zone is, and the year is."""
    try:
        return Moment(local=printed_local(read_printed(text, order)), at=None)
    except ValueError as error:
        try:
            return Moment(local=read_without_year(text), at=None)
        except ValueError:
            raise error from None


def is_whole(moment: Moment) -> bool:
    """Whether a time has its year and its time of day."""
    local = moment.local or ""
    return len(local) >= WITH_A_CLOCK and not local.startswith("--")


def with_instants(comments: Sequence[EngineComment], zone: ZoneInfo | None) -> tuple[EngineComment, ...]:
    """The comments with the instants of those local times that the zone makes one of, in the order of ids."""
    if zone is None:
        return tuple(comments)
    thread = Thread(zone)
    placed = {
        index: replace(comments[index], posted=_placed(comments[index].posted, thread))
        # An hour is printed twice when clocks go back: the order of ids says which of the two is meant.
        for index in sorted(range(len(comments)), key=lambda index: _age(comments[index]))
    }
    return tuple(placed[index] for index in range(len(comments)))


def placed_moment(moment: Moment, zone: ZoneInfo | None) -> Moment:
    """A single moment with its instant, if the zone is known."""
    return _placed(moment, Thread(zone)) if zone is not None else moment


def _age(comment: EngineComment) -> tuple[int, int]:
    external_id = comment.external_id or ""
    return int(external_id) if external_id.isascii() and external_id.isdigit() else 0, comment.position


def _placed(moment: Moment, thread: Thread) -> Moment:
    # A day alone, or one without its year, is no instant.
    if moment.at is not None or moment.local is None or not is_whole(moment):
        return moment
    return replace(moment, at=thread.instant(datetime.fromisoformat(moment.local)))
