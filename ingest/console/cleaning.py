"""Markup of the sites as a page may show it: text and a few marks of it, and links that lead out."""

from urllib.parse import urlsplit

import nh3
from markupsafe import Markup

TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small",
    "strike", "strong", "sub", "sup", "u", "ul",
}  # fmt: skip
SCHEMES = {"http", "https"}
# What a site's link leads to learns nothing of the console, and cannot reach its window.
REL = "noopener noreferrer nofollow"
LONGEST = 200_000
"""Characters of an HTML body that are shown: the rest is in the stored page."""

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    # The words of these are no words for a reader.
    clean_content_tags={
        "script",
        "style",
        "template",
        "noscript",
        "title",
        "textarea",
        "iframe",
        "svg",
        "math",
    },
    attributes={"a": {"href"}},
    url_schemes=SCHEMES,
    link_rel=REL,
    strip_comments=True,
    attribute_filter=lambda tag, name, value: value if (tag, name) != ("a", "href") else outward(value),
)


def cleaned(html: str) -> Markup:
    """The markup with nothing in it that acts, loads or looks like the console's own."""
    # Cut before it is cleaned: half a tag at the end is closed or dropped.
    return Markup(_CLEANER.clean(html[:LONGEST]))  # noqa: S704 - made safe by nh3


def outward(address: str | None) -> str | None:
    """An address on the web, whole; None if it is anything else."""
    if address is None:
        return None
    try:
        parts = urlsplit(address.strip())
        # "javascript:...", "//other.example" and "/login" are no addresses on the web.
        whole = parts.scheme in SCHEMES and bool(parts.hostname)
    except ValueError:
        return None
    return address.strip() if whole else None
