"""A forum's listing as pages of a source: the threads of a day, or those written in since a moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from parsers.engines.activity import active_of, active_part
from parsers.engines.days import Place, Row, day_part, pages_of_day, row_of
from parsers.engines.mapping import STUB, digest_of, page_of
from parsers.engines.raw import RawPage
from parsers.engines.records import EnginePage, Entry
from parsers.engines.xenforo.listing import read_listing
from parsers.engines.xenforo.refusals import root_of
from parsers.engines.xenforo.site_addresses import slug_of
from parsers.errors import PageUnrecognised
from parsers.html import attribute
from parsers.lists import Known, Next, differing_threads
from parsers.records import ParsedPage, Part, ThreadClaim
from parsers.source import Answer, Site
from parsers.urls import Address

REVISION = 2
# <html id="XF" data-container-key="node-4">
FORUM_KEY = "data-container-key"
STRETCH = 2
"""The ranks of a page for each row of the first one: what guests may not see is missing in its place, so that
one page shows fewer rows than another."""


def read_forum(site: Site, raw: RawPage, address: Address) -> ParsedPage:
    """A page of a forum; raises ParseError if it is none, or of another forum, or a thread has no time."""
    shown = read_listing(raw)
    _require_forum(raw, address)
    day, pages = address.day or date.min, shown.pages or 1
    rows = [row_of(entry, "thread.posted_at", raw.url) for entry in shown.entries]
    # A thread that was merged into another leaves a row that leads there: it has no comments of its own.
    left = frozenset(entry.external_id or "" for entry in shown.entries if entry.redirects)
    part = day_part(rows, day, _place(address, shown, rows), raw.url)
    return page_of(
        site,
        raw,
        kind="section",
        day=day,
        section=address.section,
        articles=(),
        part=replace(part, others=left, pages=pages),
        parser="xenforo.listing",
        revision=REVISION,
        silent_on=frozenset(),
        claims=tuple(
            _claim(entry, address, shown)
            for entry, row in zip(shown.entries, rows, strict=True)
            if row.day == day and not entry.redirects
        ),
    )


def read_activity(site: Site, raw: RawPage, address: Address, since: datetime, answer: Answer) -> ParsedPage:
    """A page of a forum by its last posts; raises ParseError as ``read_forum`` does."""
    shown = read_listing(raw)
    _require_forum(raw, address)
    entries = [entry for entry in shown.entries if not entry.redirects]
    rows = [active_of(entry, entry.last_comment, "thread.last_post", raw.url) for entry in entries]
    # Past its end a board shows its last page again, where all rows may be new enough to go on.
    is_last = (shown.page or 1) >= (shown.pages or 1)
    return page_of(
        site,
        raw,
        kind="latest",
        day=answer.captured_at.astimezone(ZoneInfo(site.zone)).date(),
        section=address.section,
        articles=(),
        part=active_part(rows, since, address.page, raw.url, is_last=is_last),
        parser="xenforo.latest",
        revision=REVISION,
        silent_on=STUB,
        claims=tuple(
            _claim(entry, address, shown) for entry, row in zip(entries, rows, strict=True) if row.at >= since
        ),
        dated=False,
    )


def next_of_forum(page: ParsedPage, part: Part, known: Known, address: Address) -> tuple[Next, ...]:
    """The next page of the listing, and the threads that differ."""
    found: list[Next] = []
    for one in pages_of_day(page, known, address):
        # Past the end a board shows the last page, or leads there by an address that has lost its order.
        number = min(one.address.page, part.pages)
        rows_before = (number - 1) * _per_page(address, ((part.first or 0) + len(part.ids)) // STRETCH)
        found.append(replace(one, address=replace(one.address, page=number, offset=rows_before)))
    return (*found, *differing_threads(page, known))


def _place(address: Address, shown: EnginePage, rows: Sequence[Row]) -> Place:
    page, ranked = shown.page or 1, sum(not row.pinned for row in rows)
    return Place(
        page=page,
        per_page=STRETCH * _per_page(address, ranked),
        is_last=page >= (shown.pages or 1) and not shown.limited,
    )


def _per_page(address: Address, shown: int) -> int:
    """How many rows a listing's page has: as many as the first one, which those after it say."""
    return address.offset // (address.page - 1) if address.page > 1 else shown


def _require_forum(raw: RawPage, address: Address) -> None:
    key = attribute(root_of(raw), FORUM_KEY) or ""
    if key.startswith("node-") and key != f"node-{address.section}":
        raise PageUnrecognised(f"forum {address.section} was asked for, {key!r} is shown", raw.url)


def _claim(entry: Entry, address: Address, shown: EnginePage) -> ThreadClaim:
    """A thread that was put into another forum is marked otherwise, too."""
    printed = next((one.printed for one in shown.claims if one.entry_id == entry.external_id), "")
    last = entry.last_comment
    moment = (last.at.isoformat() if last.at else last.local or "") if last is not None else ""
    return ThreadClaim(
        thread=entry.external_id or "",
        comments=entry.claimed_comments,
        mark="|".join((str(address.section), printed, moment, digest_of(entry.title))),
        slug=slug_of(entry.url),
    )
