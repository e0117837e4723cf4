"""A page's way in: an address becomes a Capture, or one of the errors below FetchError. The only door to
httpx, httpcore, h11 and tenacity.

    address -> scope.admit            the source's own host, http(s), no credentials
            -> robots_cache           may we? if robots.txt cannot be read: no
            -> gate.turn              one at a time, delay kept, pauses sat out     (politeness says how long)
            -> exchange.ask           one request, one deadline
                 transport            resolve once, all public or named, connect to the checked literal
                 body                 bounded on the wire and decoded, whole or refused
            -> a redirect             scope.follow, and all of the above again
            -> what can pass          retry, within attempts and a budget            (faults says which)
            -> Capture
"""

from ingest.fetch.client import Fetcher
from ingest.fetch.http.limits import Limits
from ingest.fetch.robots_cache import KeptRobots
from ingest.fetch.scope import Scope
from ingest.fetch.throttle import Turns

__all__ = ["Fetcher", "KeptRobots", "Limits", "Scope", "Turns"]
