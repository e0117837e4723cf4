"""Whether a page is WordPress's; others that number comments alike are refused by their names."""

import re

from parsers.engines.raw import RawPage
from parsers.errors import PageBlocked, PageUnrecognised

# <script src="/wp-includes/...">, <meta name="generator" content="WordPress 6.4">
MARKS = re.compile(
    r"/wp-content/|/wp-includes/|/wp-json|\bwp\.com/|content=.WordPress|replytocom=|wp-comments-post"
)
# Their comments are id="comment-12" as well, and would be read by WordPress's rules.
OTHERS = (
    ("Substack", re.compile(r"substackcdn\.com|substack\.com/api")),
    ("Drupal", re.compile(r"data-drupal-|Drupal\.settings|content=.Drupal")),
    ("TYPO3", re.compile(r"/typo3temp/|/typo3conf/|content=.TYPO3")),
)


def is_wordpress(raw: RawPage) -> bool:
    """Whether the page has a mark of WordPress's."""
    return MARKS.search(raw.text) is not None


def refusal(raw: RawPage) -> PageBlocked | PageUnrecognised:
    """The error for a page that has none."""
    for name, mark in OTHERS:
        if mark.search(raw.text):
            return PageUnrecognised(f"the page is {name}'s, not WordPress's", raw.url)
    return raw.stranger("the page has no mark of WordPress's")
