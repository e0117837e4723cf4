"""What can go wrong between a site and its reader, as a server does it on purpose."""

import gzip
from dataclasses import dataclass
from typing import Literal

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A wrong answer in place of the page.

    Of every ``every`` requests whose path holds ``path``, the first ``strikes`` meet the fault; after it
    has struck ``times`` in all it is over (None: never). A ``cut`` answer promises more than it sends and
    closes the connection: ``plain`` cuts the body, ``gzip`` sends a compressed body whole by its length,
    but without the end of its stream.
    """

    path: str = ""
    status: int = 503
    headers: Headers = ()
    body: bytes = b""
    cut: Literal["", "plain", "gzip"] = ""
    strikes: int = 1
    every: int = 1
    times: int | None = None


def unavailable(path: str = "", *, strikes: int = 2, every: int = 3, times: int | None = None) -> Fault:
    """503, by default for two requests in three."""
    return Fault(path=path, status=503, strikes=strikes, every=every, times=times)


def too_many(path: str = "", *, retry_after: str, times: int | None = 1) -> Fault:
    """429 with a Retry-After, in seconds or as a date."""
    return Fault(path=path, status=429, headers=(("Retry-After", retry_after),), times=times)


def cut_body(path: str = "", *, times: int | None = 1) -> Fault:
    """Half of the page, whose Content-Length says it is all to come."""
    return Fault(path=path, status=200, cut="plain", times=times)


def cut_gzip(path: str = "", *, times: int | None = 1) -> Fault:
    """A compressed page that stops inside its stream, though its Content-Length agrees."""
    return Fault(path=path, status=200, cut="gzip", times=times)


def redirect(path: str = "", *, to: str, status: int = 302, times: int | None = None) -> Fault:
    """A redirect to any address."""
    return Fault(path=path, status=status, headers=(("Location", to),), times=times)


def instead(path: str = "", *, body: bytes, status: int = 200, times: int | None = None) -> Fault:
    """Another page in the page's place, such as a login."""
    return Fault(path=path, status=status, body=body, times=times)


@dataclass(slots=True)
class FaultCount:
    """A fault, and how often it was looked at and struck."""

    fault: Fault
    met: int = 0
    struck: int = 0

    def strikes(self, path: str) -> bool:
        """Whether the fault strikes this request; counts it."""
        if self.fault.path not in path or self.struck == self.fault.times:
            return False
        place = self.met % self.fault.every
        self.met += 1
        if place >= self.fault.strikes:
            return False
        self.struck += 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server sends; ``length`` is the Content-Length it claims, ``close`` ends the connection."""

    status: int
    headers: Headers
    body: bytes
    length: int
    close: bool = False


def whole(body: bytes, *, status: int = 200, headers: Headers = (), compress: bool = False) -> Answer:
    """An answer as it should be, compressed where the reader takes it."""
    if compress:
        body = gzip.compress(body, mtime=0)
        headers = (*headers, ("Content-Encoding", "gzip"))
    return Answer(status=status, headers=headers, body=body, length=len(body))


def spoilt(fault: Fault, page: bytes, headers: Headers) -> Answer:
    """The answer of a fault; the page is what should have been sent."""
    if fault.cut == "plain":
        half = page[: len(page) // 2]
        return Answer(status=200, headers=headers, body=half, length=len(page), close=True)
    if fault.cut == "gzip":
        packed = gzip.compress(page, mtime=0)
        half = packed[: len(packed) * 2 // 3]
        return Answer(
            status=200,
            headers=(*headers, ("Content-Encoding", "gzip")),
            body=half,
            length=len(half),
            close=True,
        )
    return whole(fault.body, status=fault.status, headers=(*headers, *fault.headers))
