"""What a host allows and how often it may be asked: pure, without clock and network.

    robots.txt bytes -> robots.Rules            may this address be asked for?
    status, cached   -> availability.Standing   what does the answer to robots.txt mean, and for how long?
    delays, pauses   -> pace.wait_seconds       how long must the next request wait?

``ingest.fetch`` sends the requests and waits.
"""

from ingest.fetch.politeness.delays import effective_delay, retry_after_seconds, wait_seconds
from ingest.fetch.politeness.robots import AGENT_TOKEN, MOST_BYTES, Rules
from ingest.fetch.politeness.robots_status import Standing, standing_after

__all__ = [
    "AGENT_TOKEN",
    "MOST_BYTES",
    "Rules",
    "Standing",
    "effective_delay",
    "retry_after_seconds",
    "standing_after",
    "wait_seconds",
]
