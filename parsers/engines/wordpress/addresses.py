"""The addresses of WordPress's REST interface that are asked for: a day's articles, a thread, late comments.

    wp-json/wp/v2/posts?after=...&before=...&orderby=date&order=asc&per_page=100  a day's articles
    ...&categories=7&categories_exclude=2,5                                       those of one category
    wp-json/wp/v2/comments?post=ID&orderby=id&order=asc&per_page=100&offset=99    a thread, from the 100th
    wp-json/wp/v2/comments?after=...&orderby=id&order=asc&per_page=100            what was written since
    wp-json/wp/v2/comments?post=1,2&orderby=id&order=desc&per_page=100            the newest of several
    threads

Pages are asked for by ``offset``, so that each begins with the last row of the one before. Both ends of a
window are left out by the site; times without a zone are the site's. An article of several categories that
are harvested is listed in the first of them alone, by their ids.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode, urljoin, urlsplit

from parsers.errors import AddressUnknown
from parsers.source import Site
from parsers.urls import Address, query_of

PER_PAGE = 100
# Without it each article has its excerpt, its links and the fields of plug-ins as well.
FIELDS = "id,date,date_gmt,modified,modified_gmt,link,title,content,author,comment_status,sticky"
# "/blog/wp-json/wp/v2/posts"; without pretty addresses "?rest_route=/wp/v2/posts"
ROUTE = re.compile(r"(?:.*/)?wp-json(?P<route>/wp/v2/[a-z]+)/?")
POSTS = "/wp/v2/posts"
COMMENTS = "/wp/v2/comments"
CATEGORIES = "/wp/v2/categories"
# after=2024-04-30T23:59:59
MOMENT = "%Y-%m-%dT%H:%M:%S"
SETTING = re.compile(r"[1-9][0-9]{0,8}")


def category_of(setting: str) -> tuple[int, str] | None:
    """A category's id, and what stands for it in addresses, of ``5``."""
    found = SETTING.fullmatch(setting.strip())
    return (int(found[0]), found[0]) if found is not None else None


def categories_of(site: Site) -> tuple[int, ...]:
    """The ids of the categories that are harvested, in order."""
    return tuple(sorted(map(int, site.categories)))


def url_of(site: Site, address: Address, base_url: str) -> str:
    """The one address of a page."""
    order = "asc"
    if address.kind == "section":
        day = address.day or date.min
        category = _category(site, address.section or 0)
        route, query = POSTS, (*_window(day), ("orderby", "date"), ("_fields", FIELDS), *category)
    elif address.since is not None:
        # With a Z it is UTC; without one the site would take it for its own clock.
        since = address.since.astimezone(UTC)
        route, query = COMMENTS, (("after", f"{since:{MOMENT}}Z"), ("orderby", "id"))
    elif address.kind == "latest":
        route, query = COMMENTS, (("post", ",".join(address.entries)), ("orderby", "id"))
        # Only one page of them is read: it has to be that of the newest comments.
        order = "desc"
    else:
        route, query = COMMENTS, (("post", address.article_id or ""), ("orderby", "id"))
    offset = address.offset
    more = (("order", order), ("per_page", str(PER_PAGE)), *((("offset", str(offset)),) if offset else ()))
    return urljoin(base_url, _path(site, route, (*query, *more)))


def categories_url(site: Site) -> str:
    """The address of those categories that are harvested, of which the site gives what it has."""
    ids = ",".join(map(str, categories_of(site)))
    query = (("include", ids), ("per_page", str(PER_PAGE)), ("_fields", "id"))
    return urljoin(site.base_url, _path(site, CATEGORIES, query))


def address_of(site: Site, url: str) -> Address:
    """What an address means.

    Raises:
        AddressUnknown: it is none of those that are asked for.
    """
    query = query_of(url)
    found = ROUTE.fullmatch(urlsplit(url).path)
    route = found["route"] if found is not None else query.get("rest_route", "").rstrip("/")
    try:
        offset = int(query.get("offset", "0"))
        if route == POSTS:
            # before=2024-05-02T00:00:00 is the end of 1 May.
            day = datetime.strptime(query["before"], MOMENT).date() - timedelta(days=1)  # noqa: DTZ007
            section = int(query.get("categories", "0"))
            return Address(kind="section", day=day, section=section, offset=offset)
        posts = tuple(query.get("post", "").split(","))
        # "post=1,2" in descending order are late comments; "post=1" in ascending order is a thread.
        if route == COMMENTS and query.get("order") == "desc" and all(map(str.isdecimal, posts)):
            return Address(kind="latest", entries=posts)
        if route == COMMENTS and query.get("post", "").isdecimal():
            return Address(kind="comments", article_id=query["post"], offset=offset)
        if route == COMMENTS:
            since = datetime.fromisoformat(query["after"]).astimezone(UTC)
            return Address(kind="latest", since=since, offset=offset)
    except (KeyError, ValueError, OverflowError) as error:
        raise AddressUnknown(url, site.name) from error
    raise AddressUnknown(url, site.name)


def _window(day: date) -> tuple[tuple[str, str], ...]:
    begins = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the site's own clock
    before = begins + timedelta(days=1)
    # Both ends are left out: midnight itself belongs to the day.
    return ("after", f"{begins - timedelta(seconds=1):{MOMENT}}"), ("before", f"{before:{MOMENT}}")


def _category(site: Site, section: int) -> tuple[tuple[str, str], ...]:
    if not section:
        return ()
    # categories=7&categories_exclude=2,5: an article of 5 and 7 is listed in 5 alone.
    before = ",".join(str(one) for one in categories_of(site) if one < section)
    return (("categories", str(section)), *((("categories_exclude", before),) if before else ()))


def _path(site: Site, route: str, query: Iterable[tuple[str, str]]) -> str:
    if site.rest_route:
        return "?" + urlencode([("rest_route", route), *query], safe=":,/")
    return f"wp-json{route}?" + urlencode(list(query), safe=":,/")
