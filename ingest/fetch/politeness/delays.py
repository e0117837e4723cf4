"""How long to wait before a host is asked again. Seconds throughout; moments are of a monotonic clock."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.records.chosen import LONGEST_PAUSE

# RFC 9110 sets no bound; RFC 9111 names 2**31 as the number that stands for "ever".
FOREVER = 2**31


def effective_delay(*delays: float | None) -> float:
    """The longest of the delays that ask for anything: the operator's, the pack's, robots.txt's."""
    return max((delay for delay in delays if delay is not None), default=0.0)


def wait_seconds(
    *, now: float, last_request_at: float | None, delay: float, paused_until: float | None
) -> float:
    """How long the next request to a host must wait; 0 if it may go."""
    due = now if last_request_at is None else last_request_at + delay
    if paused_until is not None:
        due = max(due, paused_until)
    return max(0.0, due - now)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header, as seconds or as a date, up to an hour; None if it says nothing."""
    if value is None:
        return None
    text = value.strip()
    # Retry-After: 120
    if text.isascii() and text.isdigit():
        # int() of a header of thousands of digits costs time.
        seconds = int(text) if len(text) <= 10 else FOREVER
        return min(float(seconds), LONGEST_PAUSE) if seconds < FOREVER else None
    # Retry-After: Fri, 23 Mar 2018 05:35:00 GMT
    return _seconds_until(text, now)


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date)
        # HTTP dates are in UTC, whether or not they say so.
        aware = then if then.tzinfo else then.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return min(max(0.0, seconds), LONGEST_PAUSE)
