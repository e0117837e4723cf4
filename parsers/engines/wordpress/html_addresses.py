"""The addresses of WordPress's pages for people, for sites whose REST interface is closed.

    2024/05/01/    2024/05/01/page/2/        a day's articles, the newest first
    2024/05/01/a-crane/                      an article with its comments; the first page, or the newest
    2024/05/01/a-crane/comment-page-2/       one page of its comments
    ?m=20240501&paged=2    ?p=7&cpage=2      the same where addresses are not pretty

The plain address of an article may show any page of its comments, by a setting of the site: in ``Address``
it is page 1, and ``comment-page-N`` is page N + 1. ``slug`` is the article's address below the site's.
"""

import re
from datetime import date, datetime
from urllib.parse import urlencode, urljoin, urlsplit

from parsers.errors import AddressUnknown
from parsers.source import Site
from parsers.urls import Address, query_of

# "2024/05/01/page/2/"
DAY = re.compile(r"(?P<day>[0-9]{4}/[0-9]{2}/[0-9]{2})/(?:page/(?P<page>[0-9]{1,6})/?)?")
# "2024/05/01/a-crane/comment-page-2/"; what begins with "wp-" is WordPress's own.
THREAD = re.compile(r"(?P<slug>(?!wp-)[^?#]*?[^/?#])(?:/comment-page-(?P<page>[0-9]{1,6}))?/?")
DAY_PATH = "%Y/%m/%d"
DAY_QUERY = "%Y%m%d"


def url_of(site: Site, address: Address, base_url: str) -> str:
    """The one address of a page."""
    page = address.page
    if address.kind == "section":
        day = address.day or date.min
        if site.rest_route:
            return _with_query(base_url, m=day.strftime(DAY_QUERY), paged=page if page > 1 else None)
        more = f"page/{page}/" if page > 1 else ""
        return urljoin(base_url, f"{day.strftime(DAY_PATH)}/{more}")
    number = page - 1
    if address.slug is None:
        return _with_query(base_url, p=address.article_id, cpage=number or None)
    more = f"comment-page-{number}/" if number else ""
    return urljoin(base_url, f"./{address.slug}/{more}")


def address_of(site: Site, url: str) -> Address:
    """What an address means.

    Raises:
        AddressUnknown: it is none of those that are asked for.
    """
    try:
        return _read(site, url)
    except (KeyError, ValueError) as error:
        raise AddressUnknown(url, site.name) from error


def slug_of(site: Site, url: str) -> str | None:
    """An article's address below the site's; None where it is elsewhere, or has its id in the query."""
    root, parts = urlsplit(site.base_url), urlsplit(url)
    # A listed article may stand on another site, or at "?p=7": its thread is asked for by its id.
    if parts.netloc.lower() != root.netloc.lower() or parts.query or not parts.path.startswith(root.path):
        return None
    found = THREAD.fullmatch(parts.path.removeprefix(root.path))
    return found["slug"] if found is not None and not DAY.fullmatch(f"{found['slug']}/") else None


def _read(site: Site, url: str) -> Address:
    path, query = urlsplit(url).path, query_of(url)
    below = path.removeprefix(urlsplit(site.base_url).path)
    if "m" in query:
        day = datetime.strptime(query["m"], DAY_QUERY).date()  # noqa: DTZ007 - the site's own day
        return Address(kind="section", day=day, section=0, page=int(query.get("paged", "1")))
    if "p" in query:
        if not query["p"].isdecimal():
            raise ValueError
        return Address(kind="comments", article_id=query["p"], page=1 + int(query.get("cpage", "0")))
    if found := DAY.fullmatch(below):
        day = datetime.strptime(found["day"], DAY_PATH).date()  # noqa: DTZ007
        return Address(kind="section", day=day, section=0, page=int(found["page"] or 1))
    # A query changes what is shown, as "?replytocom=12" does: no such address is asked for.
    if query or (found := THREAD.fullmatch(below)) is None:
        raise ValueError
    return Address(kind="comments", slug=found["slug"], page=1 + int(found["page"] or 0))


def _with_query(base_url: str, **query: object) -> str:
    return urljoin(base_url, "?" + urlencode([(name, value) for name, value in query.items() if value]))
