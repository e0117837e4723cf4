"""What can go wrong between a replica and its reader; ``EngineServer.faults`` takes a list of these.

A path is a pattern that is searched for in the request's path and query: ``r"comments\\?post=7&.*page=2"``.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.site.faults import Answer, Headers, whole

HTML: Headers = (("Content-Type", "text/html; charset=UTF-8"),)
JSON: Headers = (("Content-Type", "application/json; charset=UTF-8"),)
PLAIN: Headers = (("Content-Type", "text/plain; charset=utf-8"),)

NOTICE = (
    b"<br />\n<b>Warning</b>:  Undefined array key 3 in <b>/srv/www/wp-content/x.php</b> on line <b>7</b>\n"
)
WALL = b"<!DOCTYPE html><html><head><title>Stop</title></head><body>Access denied.</body></html>\n"
LOGIN = (
    b"<!DOCTYPE html><html><head><title>Members</title></head><body><form method=post>"
    b'<input name="log"><input type="password" name="pwd"></form></body></html>\n'
)
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><p>Wait.</p></body></html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Spoils answers to requests that match ``path``: after ``skip`` of them, ``times`` (None: always)."""

    spoil: Callable[[Answer], Answer]
    path: str = ""
    times: int | None = 1
    skip: int = 0


@dataclass(slots=True)
class FaultCount:
    """A fault, and how many requests it has met."""

    fault: Fault
    met: int = 0

    def strikes(self, path: str) -> bool:
        """Whether the fault strikes this request; counts it."""
        if re.search(self.fault.path, path) is None:
            return False
        self.met += 1
        struck = self.met - self.fault.skip
        return struck > 0 and (self.fault.times is None or struck <= self.fault.times)


def instead(path: str = "", *, status: int, body: bytes = b"", headers: Headers = HTML, **when: Any) -> Fault:
    """Another answer in the answer's place; ``when`` is ``times`` and ``skip``."""
    return Fault(path=path, spoil=lambda _: whole(body, status=status, headers=headers), **when)


def server_error(path: str = "", **when: Any) -> Fault:
    """500 with a page of words."""
    return instead(path, status=500, body=b"<html><body><p>It broke.</p></body></html>\n", **when)


def unavailable(path: str = "", *, retry_after: str = "1", **when: Any) -> Fault:
    """503 with a Retry-After."""
    return instead(path, status=503, headers=(*HTML, ("Retry-After", retry_after)), **when)


def too_many(path: str = "", *, retry_after: str = "1", **when: Any) -> Fault:
    """429 with a Retry-After."""
    return instead(path, status=429, headers=(*HTML, ("Retry-After", retry_after)), **when)


def forbidden(path: str = "", **when: Any) -> Fault:
    """403 with a page of a firewall."""
    return instead(path, status=403, body=WALL, **when)


def not_found(path: str = "", **when: Any) -> Fault:
    """404 with nothing."""
    return instead(path, status=404, **when)


def wall(path: str = "", *, status: int = 200, **when: Any) -> Fault:
    """A page of a firewall, with the status of a page that is right."""
    return instead(path, status=status, body=WALL, **when)


def login(path: str = "", *, status: int = 200, **when: Any) -> Fault:
    """A login in the page's place."""
    return instead(path, status=status, body=LOGIN, **when)


def challenge(path: str = "", *, status: int = 403, **when: Any) -> Fault:
    """A challenge of the site's guard, that its header names."""
    return instead(
        path, status=status, body=CHALLENGE, headers=(*HTML, ("cf-mitigated", "challenge")), **when
    )


def redirect(path: str = "", *, to: str, status: int = 302, **when: Any) -> Fault:
    """A redirect to any address."""
    return instead(path, status=status, headers=(("Location", to),), **when)


def notice_before(path: str = "", **when: Any) -> Fault:
    """A notice of PHP before what should stand alone."""
    return _rewritten(path, lambda body: NOTICE + body, when)


def cut_json(path: str = "", **when: Any) -> Fault:
    """The first half of the body, whose length agrees: only the JSON or the markup shows it."""
    return _rewritten(path, lambda body: body[: len(body) // 2], when)


def cut_body(path: str = "", **when: Any) -> Fault:
    """Half of the body, whose Content-Length says it is all to come."""

    def cut(answer: Answer) -> Answer:
        return replace(answer, body=answer.body[: answer.length // 2], close=True)

    return Fault(path=path, spoil=cut, **when)


def emptied(path: str = "", *, total: int | None = None, **when: Any) -> Fault:
    """An empty array with the total of the whole, or with any other: nothing may vanish by it."""

    def empty(answer: Answer) -> Answer:
        headers = tuple(
            (name, str(total) if total is not None and name == "X-WP-Total" else value)
            for name, value in answer.headers
        )
        return whole(b"[]", headers=headers)

    return Fault(path=path, spoil=empty, **when)


def without_headers(path: str = "", *, prefix: str = "X-WP-", **when: Any) -> Fault:
    """The answer without the headers of a prefix, as plug-ins and proxies drop them."""

    def drop(answer: Answer) -> Answer:
        kept = tuple(pair for pair in answer.headers if not pair[0].lower().startswith(prefix.lower()))
        return replace(answer, headers=kept)

    return Fault(path=path, spoil=drop, **when)


def slow_down(path: str = "", *, retry_after: str = "1", **when: Any) -> Fault:
    """429 of Discourse as words, with its own header."""
    text = f"Slow down, too many requests from this IP address. Try again in {retry_after} seconds.\n"
    code = ("Discourse-Rate-Limit-Error-Code", "ip_10_secs_limit")
    headers = (*PLAIN, ("Retry-After", retry_after), code)
    return instead(path, status=429, body=text.encode(), headers=headers, **when)


def slow_down_json(path: str = "", *, seconds: int = 1, **when: Any) -> Fault:
    """429 of Discourse as JSON: the time to wait stands in the body alone."""
    error = {
        "errors": [f"Asked too often: wait {seconds} seconds."],
        "error_type": "rate_limit",
        "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
    }
    return instead(path, status=429, body=json.dumps(error).encode(), headers=JSON, **when)


def _rewritten(path: str, rewrite: Callable[[bytes], bytes], when: dict[str, Any]) -> Fault:
    return Fault(path=path, spoil=lambda answer: _with_body(answer, rewrite(answer.body)), **when)


def _with_body(answer: Answer, body: bytes) -> Answer:
    return replace(answer, body=body, length=len(body))
