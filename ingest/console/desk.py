"""What every page of the console works with, and what it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus

from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request

from ingest.clock import Clock
from ingest.console.actions import Actions
from ingest.console.recent import Recent
from ingest.records.pages import SourceStatus
from ingest.settings import Settings
from ingest.store import Store
from parsers.errors import ThresherError


class NotHere(ThresherError):
    """There is nothing at this address: the page says so, with the status 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a page asks: the store, which it only reads, and the time. ``recent`` keeps dear answers.

    A page is made of ``templates`` behind it; a dear part of one may be made of them before, and kept.
    """

    settings: Settings
    store: Store
    clock: Clock
    actions: Actions
    recent: Recent
    templates: Environment

    def statuses(self) -> tuple[SourceStatus, ...]:
        """How much is held of each source, by name, as of some seconds ago."""
        return self.recent.of("statuses", lambda: self.store.runs.status(now=self.clock.now()))

    def names(self) -> tuple[str, ...]:
        """The sources of which anything is known."""
        return self.recent.of("names", self.store.runs.sources)

    def part(self, template: str, **values: object) -> Markup:
        """A piece of a page, with its values escaped, to be put into the page as it is."""
        return Markup(self.templates.get_template(template).render(values))  # noqa: S704 - they escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A template and what it is filled with."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = HTTPStatus.OK


PageOf = Callable[[Desk, Request], Shown]
Sent = Callable[[Desk, Request], str]
"""Does what a form asks for; the address that the reader is led to afterwards."""


def wanted(request: Request, name: str) -> str | None:
    """A value of the address, without blanks around it; None if it is not there or empty."""
    return request.query_params.get(name, "").strip() or None


def required(request: Request, name: str) -> str:
    """A value without which there is no page. Raises NotHere."""
    value = wanted(request, name)
    if value is None:
        raise NotHere(f"the address names no {name}")
    return value


def day_of(words: str) -> date:
    """A day such as ``2018-03-23``. Raises NotHere."""
    try:
        return date.fromisoformat(words)
    except ValueError as exc:
        raise NotHere(f"{words!r} is not a day such as 2018-03-23") from exc


def number_of(request: Request, name: str, otherwise: int = 1) -> int:
    """A whole number from 1 on. Raises NotHere."""
    words = wanted(request, name)
    if words is None:
        return otherwise
    # Nine digits at most: int() of a million of them takes seconds.
    if not (words.isascii() and words.isdigit() and int(words[:9]) > 0 and len(words) < 10):
        raise NotHere(f"{words!r} is not a number")
    return int(words)
