"""How many comments the heading above them claims; themes count pingbacks in it."""

import re

from parsers.engines.counts import Count, count_within
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim
from parsers.engines.tree import classes, text_of
from parsers.html import Node

# <h2 class="comments-title">3 thoughts on "A new mast"</h2>
HEADINGS = (
    ".comments-title, .comment-title, .comments-heading, #comments-title, "
    ".wpd-thread-info, .comments-count, .comment-count, .commentsheading, #comments > h2, #comments > h3, "
    "h2#comments, h3#comments, #comments .title-comments"
)
OTHER_HEADINGS = "h2, h3, h4"
# "1.234 Kommentare"; other headings of an article have no number before such a word.
COUNTED = re.compile(
    r"[0-9][0-9.,'\u2019]*\s(?:comments?|responses?|replies|thoughts?|kommentare?|antworten|reaktionen|comentarios?"
    r"|coment\u00e1rios?|commentaires?|r\u00e9ponses?|reacties|commenti|\u043a\u043e\u043c\u043c\u0435\u043d\u0442\w+)\b.*",
    re.IGNORECASE,
)
# <h2 class="woocommerce-Reviews-title">2 reviews for ...</h2>
OF_REVIEWS = "woocommerce-Reviews-title"
"""A shop counts reviews, and not what was replied to them."""

# 3 thoughts on “12 knots in 5 minutes”
QUOTED = re.compile('[\u201c\u201e\u00ab"\u2018\u2039].*', re.DOTALL)
"""The article's title, which can have numbers of its own."""

# "One thought on", "Ein Kommentar": a theme writes a single one as a word.
ONE = re.compile(r"(?:one|ein|eine|un|una|uno|une|um|uma|een|\u041e\u0434\u0438\u043d)\s", re.IGNORECASE)


def heading_claims(raw: RawPage, entry_id: str | None) -> tuple[Claim, ...]:
    """The claim of the first heading that has one."""
    others = (node for node in raw.page.select(OTHER_HEADINGS) if COUNTED.fullmatch(text_of(node)))
    for node in (*raw.page.select(HEADINGS), *others):
        if OF_REVIEWS in classes(node):
            continue
        if (found := _count_in(node)) is not None:
            count, printed = found
            claim = Claim(
                of="comments",
                count=count.value,
                printed=printed,
                exact=count.exact,
                entry_id=entry_id,
                by="heading",
            )
            return (claim,)
    return ()


def _count_in(node: Node) -> tuple[Count, str] | None:
    words = QUOTED.sub("", text_of(node))
    if ONE.match(words):
        return Count(1, exact=True), words.split()[0]
    return count_within(words)
