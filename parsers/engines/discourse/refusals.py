"""Answers that Discourse gives in place of a topic or a listing."""

from parsers.engines.raw import RawPage
from parsers.errors import PageBlocked, PageUnrecognised
from parsers.json import JsonObject, as_object

WALLS = frozenset({"rate_limit", "not_logged_in", "invalid_access", "read_only"})
"""The kinds of error after which the same question may be answered later, or by a login."""


def answer_object(raw: RawPage, name: str) -> JsonObject:
    """The object that an answer is.

    Raises:
        PageBlocked: the site refuses: too many questions, or no right to see it.
        PageUnrecognised: the site says that there is nothing, or the answer is no JSON object.
        PageTruncated: the JSON is cut short.
    """
    value = as_object(raw.json(), name=name, url=raw.url)
    # As in {"errors": ["..."], "error_type": "rate_limit"}.
    if "errors" in value.members and "error_type" in value.members:
        kind = value.optional_text("error_type") or "nothing"
        error = PageBlocked if kind in WALLS else PageUnrecognised
        raise error(f"the site answers with the error {kind!r}", raw.url)
    return value
