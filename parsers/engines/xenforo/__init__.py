"""XenForo 1.x and 2.x: pages of threads, and the lists of a forum's threads."""

from parsers.engines.xenforo.listing import read_listing
from parsers.engines.xenforo.thread import read_thread

__all__ = ["read_listing", "read_thread"]
