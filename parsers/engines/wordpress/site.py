"""What a site says of itself at the root of its REST interface, ``/wp-json/``."""

from parsers.engines.raw import RawPage
from parsers.engines.records import SiteFacts
from parsers.engines.tree import text_of_markup
from parsers.engines.wordpress.rest_answer import ENGINE, rest_error
from parsers.errors import FieldMalformed
from parsers.json import JsonObject, as_object

INTERFACE = "wp/v2"
# Pacific/Kiritimati is UTC+14.
MOST_HOURS = 14


def read_site(raw: RawPage) -> SiteFacts:
    """The site's name, address and zone, and whether the interface for articles is open.

    Raises:
        PageBlocked: the site does not answer everybody.
        PageUnrecognised: the answer is no interface's root.
    """
    # As in {"name": "The Quay", "timezone_string": "", "gmt_offset": 2, "namespaces": ["wp/v2"]}.
    root = as_object(raw.json(), name="site", url=raw.url)
    if "namespaces" not in root.members:
        raise rest_error(root, "the answer is not the root of a REST interface")
    name = root.optional_text("name")
    return SiteFacts(
        engine=ENGINE,
        name=text_of_markup(name) or None if name is not None else None,
        url=root.optional_text("home") or root.optional_text("url"),
        zone=root.optional_text("timezone_string") or None,
        utc_offset_hours=_offset(root),
        lists_comments=INTERFACE in root.values("namespaces"),
    )


def _offset(root: JsonObject) -> float | None:
    """``2``, ``5.5`` or ``"-3"``: versions of WordPress differ in how they write it."""
    value = root.members.get("gmt_offset")
    if value is None:
        return None
    try:
        hours = float(str(value))
    except ValueError:
        # It is between no two numbers, and so refused below.
        hours = float("nan")
    if not -MOST_HOURS <= hours <= MOST_HOURS:
        raise FieldMalformed("site.gmt_offset", repr(value)[:80], root.url)
    return hours
