"""rantburg.com's addresses (shared notes: RANTBURG.md, Pages and addresses).

/?D=03/23/2018&HC=1&SO=                     section page; no D is today, no HC is 1
poparticle.php?D=2018-03-23&ID=510764&HC=1  article page
comments.php?D=2018-03-23&ID=510764&HC=1    comments page
"""

from datetime import date
from urllib.parse import urljoin

from parsers.errors import AddressUnknown
from parsers.records import PageKind
from parsers.times import read_day
from parsers.urls import Address, file_of, query_of

BASE_URL = "http://www.rantburg.com/"
HOSTS = ("www.rantburg.com", "rantburg.com")
SECTIONS = (1, 2, 3, 4, 5, 6)
NUMBERED = {str(section): section for section in SECTIONS}
KINDS: dict[str, PageKind] = {
    "": "section",
    "index.php": "section",
    "poparticle.php": "article",
    "comments.php": "comments",
}


def address_of(url: str) -> Address:
    """What the address means, whichever host it names.

    Raises:
        AddressUnknown: it is none of the pages that are harvested.
    """
    try:
        kind = KINDS[file_of(url)]
        query = query_of(url)
        day = read_day(query["D"]) if query.get("D") else None
        section = NUMBERED[query["HC"]] if query.get("HC") else (1 if kind == "section" else None)
    except (KeyError, ValueError) as exc:
        raise AddressUnknown(url, "rantburg") from exc
    article_id = query.get("ID", "")
    if kind != "section" and not (article_id.isascii() and article_id.isdecimal()):
        raise AddressUnknown(url, "rantburg")
    return Address(kind=kind, day=day, section=section, article_id=article_id if kind != "section" else None)


def url_of(address: Address, base_url: str = BASE_URL) -> str:
    """The one canonical address of a page."""
    if address.kind == "section":
        return urljoin(base_url, section_path(address.day, address.section or 1))
    file = "poparticle.php" if address.kind == "article" else "comments.php"
    day = f"D={address.day:%Y-%m-%d}&" if address.day else ""
    section = f"&HC={address.section}" if address.section else ""
    return urljoin(base_url, f"{file}?{day}ID={address.article_id}{section}")


def section_path(day: date | None, section: int) -> str:
    """A section page's address below the site's root; no day is the site's today."""
    return f"?D={day:%m/%d/%Y}&HC={section}&SO=" if day else f"?HC={section}&SO="
