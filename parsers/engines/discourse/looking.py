"""Whether a site is Discourse's, by its list of the latest topics."""

from parsers.engines.discourse.listing import read_listing
from parsers.engines.discourse.refusals import answer_object
from parsers.engines.looking import CategoryLook, Look
from parsers.engines.raw import RawPage
from parsers.source import Site


def zone_of(raw: RawPage) -> str:
    """UTC, which all its times are in.

    Raises:
        ParseError: the answer is no list of topics.
    """
    read_listing(raw)
    return "Etc/UTC"


# It answers with {"categories": [{"id": 5, "slug": "boats"}, ...]}.
def _categories_url(site: Site) -> str:
    return f"{site.base_url}site.json"


def _category_ids(raw: RawPage) -> frozenset[int]:
    return frozenset(
        category.integer("id") for category in answer_object(raw, "site").children("categories", "category")
    )


LOOKS = (Look(path="latest.json", zone_of=zone_of),)
CATEGORIES = CategoryLook(url_of=_categories_url, ids_of=_category_ids)
