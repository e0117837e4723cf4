"""The answers of WordPress's REST interface: arrays, totals in headers, and errors with a code."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from parsers.engines.counts import read_count
from parsers.engines.moments import placed_moment, read_iso
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim, ClaimOf, Moment
from parsers.engines.tree import absolute
from parsers.errors import FieldMalformed, PageBlocked, PageUnrecognised
from parsers.json import JsonObject, as_object
from parsers.urls import query_of

ENGINE = "wordpress"
TOTAL = "X-WP-Total"
TOTAL_PAGES = "X-WP-TotalPages"
# Link: <https://quay.example/wp-json/wp/v2/posts?page=2>; rel="next"
NEXT_LINK = re.compile(r"<([^>]*)>\s*;[^,<]*\brel\s*=\s*\"?next\b")
# {"date_gmt": "0000-00-00T00:00:00"} is no time: the site's own clock and its zone are left.
NO_TIME = "0000-00-00"

# {"code": "rest_cannot_read", "message": "...", "data": {"status": 401}}; the message is translated.
REFUSALS = re.compile(
    r"rest_(?:forbidden|cannot|disabled|login|not_logged|unauthori|user_cannot|api_auth).*|.*forbidden.*"
)
"""Codes of a site that does not answer everybody; other codes say that the question is wrong."""


def rest_objects(raw: RawPage, name: str) -> list[JsonObject]:
    """The objects of an answer that is an array.

    Raises:
        PageBlocked: the site does not answer everybody.
        PageUnrecognised: the site answers with an error, or with something else.
        PageTruncated: the JSON is cut short.
    """
    value = raw.json()
    # Errors are objects, lists are arrays.
    if isinstance(value, dict):
        answered = as_object(value, name="error", url=raw.url)
        raise rest_error(answered, "the answer is an object where an array is due")
    answer = JsonObject(members={"items": value}, name="answer", url=raw.url)
    return answer.children("items", name)


def require_distinct(objects: list[JsonObject]) -> None:
    """Refuse an answer that gives one id twice."""
    seen: set[str] = set()
    for item in objects:
        external_id = item.text("id")
        # Counted twice, it would make a thread whole that lacks a row.
        if external_id in seen:
            raise FieldMalformed(f"{item.name}.id", external_id, item.url)
        seen.add(external_id)


def total_claim(raw: RawPage, of: ClaimOf, entry_id: str | None) -> tuple[Claim, ...]:
    """The total that the site states in a header; nothing where a plug-in or a proxy dropped it."""
    printed = raw.header(TOTAL)
    count = read_count(printed) if printed is not None else None
    if printed is None or count is None:
        return ()
    return (Claim(of=of, count=count.value, printed=printed, exact=True, entry_id=entry_id, by=TOTAL),)


def page_of(raw: RawPage) -> int:
    """The page that the address asks for."""
    count = read_count(query_of(raw.url).get("page", ""))
    return count.value if count is not None else 1


def pages_of(raw: RawPage) -> int | None:
    """How many pages there are, by the site's word."""
    count = read_count(raw.header(TOTAL_PAGES) or "")
    return count.value if count is not None else None


def next_urls(raw: RawPage) -> tuple[str, ...]:
    """The next page: by the header that names it, else by the number of pages."""
    named = NEXT_LINK.search(raw.header("link") or "")
    if named and (following := absolute(raw.url, named[1])):
        return (following,)
    page, pages = page_of(raw), pages_of(raw)
    if pages is None or page >= pages:
        return ()
    parts = urlsplit(raw.url)
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "page"
    ]
    return (urlunsplit(parts._replace(query=urlencode([*query, ("page", page + 1)], safe=":,/"))),)


def time_pair(record: JsonObject, key: str, raw: RawPage) -> Moment:
    """A time that is given twice, on the site's clock and in UTC: ``date`` and ``date_gmt``."""
    written = record.text(key)
    # {"date": "2018-03-22T21:35:00", "date_gmt": "2018-03-23T01:35:00"}, neither with a zone
    in_utc = record.optional_text(f"{key}_gmt") or NO_TIME
    try:
        local = read_iso(written)
        if in_utc.startswith(NO_TIME):
            return placed_moment(local, raw.zone)
        return Moment(local=local.local, at=read_iso(f"{in_utc.removesuffix('Z')}Z").at)
    except ValueError as error:
        raise FieldMalformed(f"{record.name}.{key}", f"{written} / {in_utc}", raw.url) from error


def rest_error(answer: JsonObject, otherwise: str) -> PageBlocked | PageUnrecognised:
    """The error that an object states by its code, or the given reason if it states none."""
    code = answer.optional_text("code")
    if code is None:
        return PageUnrecognised(otherwise, answer.url)
    error = PageBlocked if REFUSALS.fullmatch(code) else PageUnrecognised
    return error(f"the site answers with the error {code!r}", answer.url)
