"""The addresses of a Discourse site that are asked for.

    latest.json?order=created&page=0&per_page=100&day=2024-05-01   the topics, the newest first
    latest.json?order=activity&page=0&per_page=100&since=...       those that somebody wrote in lately
    c/SLUG/ID/none/l/latest.json?order=...                         the same of one category
    t/ID.json                                                      a topic
    t/ID/posts.json?post_ids[]=A&post_ids[]=B                      more of its posts, by twenty

The site takes no notice of ``day`` and ``since``: they say for which time a listing is read, in the archive
as well. ``none`` leaves out a category's subcategories: each is a category of its own.
"""

import re
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsers.errors import AddressUnknown
from parsers.source import Site
from parsers.urls import Address, query_of

PER_PAGE = 100
# "/c/boats/knots/5/none/l/latest.json": subcategories stand below their category's name.
CATEGORY = re.compile(r"(?:.*/)?c/(?:.*/)?(?P<category>[1-9][0-9]{0,8})/none/l/latest\.json")
# 5, boats/5, https://quay.example/c/boats/knots/5/l/latest
SETTING = re.compile(r"(?:(?:.*/)?c/)?((?:[^/?&#]+/){0,3}?([1-9][0-9]{0,8}))(?:/(?:none|all|l)\b.*)?/?")
LISTING = re.compile(r"(?:.*/)?latest\.json")
TOPIC = re.compile(r"(?:.*/)?t/(?P<id>[0-9]+)\.json")
LOT = re.compile(r"(?:.*/)?t/(?P<id>[0-9]+)/posts\.json")
POST_IDS = "post_ids[]"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def category_of(setting: str) -> tuple[int, str] | None:
    """A category's id, and what stands for it in addresses: of ``5``, ``boats/5``, or its own address."""
    found = SETTING.fullmatch(setting.strip())
    return (int(found[2]), found[1]) if found is not None else None


def categories_of(site: Site) -> dict[int, str]:
    """What stands for each of the site's categories in addresses, by its id."""
    return dict(found for setting in site.categories if (found := category_of(setting)) is not None)


def url_of(site: Site, address: Address, base_url: str) -> str:
    """The one address of a page."""
    listing = "latest.json"
    if address.section:
        category = categories_of(site).get(address.section, str(address.section))
        listing = f"c/{category}/none/l/latest.json"
    if address.kind == "section":
        # Pages are counted from 0 by the site, from 1 by an ``Address``.
        query = {"order": "created", "page": address.page - 1, "per_page": PER_PAGE, "day": address.day}
        return urljoin(base_url, f"{listing}?{urlencode(query)}")
    if address.since is not None:
        since = f"{address.since.astimezone(UTC):{MOMENT}}"
        query = {"order": "activity", "page": address.page - 1, "per_page": PER_PAGE, "since": since}
        return urljoin(base_url, f"{listing}?{urlencode(query, safe=':')}")
    if address.entries:
        query_text = urlencode([(POST_IDS, one) for one in address.entries], safe="[]")
        return urljoin(base_url, f"t/{address.article_id}/posts.json?{query_text}")
    # Without its slug: that follows the title, and one topic would have two addresses.
    return urljoin(base_url, f"t/{address.article_id}.json")


def address_of(site: Site, url: str) -> Address:
    """What an address means.

    Raises:
        AddressUnknown: it is none of those that are asked for.
    """
    path, query = urlsplit(url).path, query_of(url)
    if found := LOT.fullmatch(path):
        ids = tuple(value for name, value in parse_qsl(urlsplit(url).query) if name == POST_IDS)
        return Address(kind="comments", article_id=found["id"], entries=ids)
    if found := TOPIC.fullmatch(path):
        return Address(kind="comments", article_id=found["id"])
    found = CATEGORY.fullmatch(path)
    if found is None and not LISTING.fullmatch(path):
        raise AddressUnknown(url, site.name)
    section = int(found["category"]) if found is not None else 0
    try:
        page = int(query["page"]) + 1
        if "since" in query:
            since = datetime.strptime(query["since"], MOMENT).replace(tzinfo=UTC)
            return Address(kind="latest", section=section, since=since, page=page)
        day = date.fromisoformat(query["day"])
    except (KeyError, ValueError) as error:
        raise AddressUnknown(url, site.name) from error
    return Address(kind="section", day=day, section=section, page=page)
