"""The addresses of a XenForo board that are asked for.

    forums/SLUG.ID/?order=post_date&direction=desc&no_date_limit=1&day=2024-05-01   its threads, newest first
    forums/SLUG.ID/page-3?order=post_date&...&from=40&day=2024-05-01                the third page, of 20 rows
    forums/SLUG.ID/?order=last_post_date&...&since=2024-05-01T06:00:00Z             what was written in lately
    threads/SLUG.ID/ and threads/SLUG.ID/page-3                                     a thread

The board takes no notice of ``day``, ``since`` and ``from``: they say for which time a listing is read, and
how many rows stand before the page, in the archive as well. Without ``no_date_limit`` a forum may show its
last days' threads alone. A board may stand below a folder, or behind ``index.php?``.
"""

import re
from datetime import UTC, date, datetime
from urllib.parse import urlencode, urlsplit

from parsers.errors import AddressUnknown
from parsers.source import Site
from parsers.urls import Address, query_of

# "a-new-mast.12", or "12" alone where the title has no letters that fit an address
NAMED = r"(?:(?P<slug>[^/?&#]*)\.)?(?P<id>[0-9]{1,18})"
PAGE = r"/(?:page-(?P<page>[0-9]{1,8}))?"
FORUM = re.compile(rf"(?:.*/)?forums/{NAMED}{PAGE}")
THREAD = re.compile(rf"(?:.*/)?threads/{NAMED}{PAGE}")
# 4, knots.4, https://board.example/forums/knots.4/
SETTING = re.compile(r"(?:(?:.*[/?])?forums/)?((?:[^/?&#]*\.)?([1-9][0-9]{0,8}))(?:/.*)?")
ORDERS = {"section": "post_date", "latest": "last_post_date"}
NEWEST_FIRST = (("direction", "desc"), ("no_date_limit", 1))
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
# https://board.example/index.php?forums/knots.4/&order=post_date
SCRIPT = "index.php?"


def forum_of(setting: str) -> tuple[int, str] | None:
    """A forum's id, and what stands for it in addresses: of ``4``, ``knots.4``, or a forum's own address."""
    found = SETTING.fullmatch(setting.strip())
    return (int(found[2]), found[1]) if found is not None else None


def forums_of(site: Site) -> dict[int, str]:
    """What stands for each of the site's forums in addresses, by its id."""
    return dict(found for setting in site.forums if (found := forum_of(setting)) is not None)


def url_of(site: Site, address: Address, base_url: str) -> str:
    """The one address of a page."""
    page = f"page-{address.page}" if address.page > 1 else ""
    root = f"{base_url}{SCRIPT}" if site.plain_urls else base_url
    if address.kind == "comments":
        # Without its words the board answers with a redirect: a request more for each thread.
        name = f"{address.slug}.{address.article_id}" if address.slug else address.article_id
        return f"{root}threads/{name}/{page}"
    forum = forums_of(site).get(address.section or 0, str(address.section))
    rows = (("from", address.offset),) if address.offset else ()
    since = address.since
    read_for = ("day", str(address.day)) if since is None else ("since", f"{since.astimezone(UTC):{MOMENT}}")
    query = urlencode((("order", ORDERS[address.kind]), *NEWEST_FIRST, *rows, read_for), safe=":")
    # Behind "index.php?" the query has begun already.
    return f"{root}forums/{forum}/{page}{'&' if site.plain_urls else '?'}{query}"


def address_of(site: Site, url: str) -> Address:
    """What an address means.

    Raises:
        AddressUnknown: it is none of those that are asked for.
    """
    if (found := _named(THREAD, url)) is not None:
        return Address(
            kind="comments", article_id=found["id"], page=int(found["page"] or 1), slug=found["slug"] or None
        )
    if (found := _named(FORUM, url)) is None:
        raise AddressUnknown(url, site.name)
    query, forum, page = query_of(url), int(found["id"]), int(found["page"] or 1)
    try:
        if "since" in query:
            since = datetime.strptime(query["since"], MOMENT).replace(tzinfo=UTC)
            return Address(kind="latest", section=forum, since=since, page=page)
        day, offset = date.fromisoformat(query["day"]), int(query.get("from", "0"))
    except (KeyError, ValueError) as error:
        raise AddressUnknown(url, site.name) from error
    return Address(kind="section", day=day, section=forum, page=page, offset=offset)


def slug_of(url: str | None) -> str | None:
    """The words that stand beside a thread's id in its address."""
    found = _named(THREAD, url or "")
    return (found["slug"] or None) if found is not None else None


def _named(pattern: re.Pattern[str], url: str) -> re.Match[str] | None:
    parts = urlsplit(url)
    # https://board.example/index.php?threads/a-new-mast.12/page-2&order=...
    return pattern.fullmatch(parts.path) or pattern.fullmatch(parts.query.partition("&")[0])
