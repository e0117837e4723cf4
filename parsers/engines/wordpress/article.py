"""What a page says of its article: id, address, title, author and times."""

import re
from collections.abc import Iterator

from parsers.engines.moments import read_iso
from parsers.engines.raw import RawPage
from parsers.engines.records import Entry, Moment
from parsers.engines.tree import attribute_of, classes, first_text, text_of

# <input type="hidden" name="comment_post_ID" value="7">
POST_ID_INPUT = "input[name=comment_post_ID]"
# <body class="single single-post postid-7">
BODY_ID = re.compile(r"(?:postid|page-id)-([0-9]+)")
# <article id="post-7">
ELEMENT_ID = re.compile(r"post-([0-9]+)")
# <link rel="shortlink" href="https://quay.example/?p=7">
SHORT_LINK = re.compile(r"[?&](?:p|page_id)=([0-9]+)")
# From WordPress's own names to what any page may have.
TITLES = ("h1.entry-title, .entry-title, h1.post-title", "article h1", "h1")
# <meta property="og:title" content="A new mast">
SHARED_TITLE = "meta[property='og:title']"
AUTHOR = ".entry-meta [rel=author], .byline .fn, .entry-author-name, [rel=author]"
PUBLISHED = (
    # <meta property="article:published_time" content="2018-03-23T01:35:00+00:00">
    ("meta[property='article:published_time']", "content"),
    # <time class="entry-date published" datetime="2018-03-23T01:35:00+00:00">
    ("time.entry-date[datetime]", "datetime"),
    ("time.entry-time[datetime]", "datetime"),
    ("time.published[datetime]", "datetime"),
)
MODIFIED = (("meta[property='article:modified_time']", "content"), ("time.updated[datetime]", "datetime"))
TEXT = ".entry-content, [itemprop=articleBody], .post-content"


def article_of(raw: RawPage, claimed: int | None) -> Entry:
    """The article with what its page says; None for what this theme does not print."""
    text = raw.page.first(TEXT)
    return Entry(
        external_id=post_id_of(raw),
        url=attribute_of(raw.page, "link[rel=canonical]", "href") or raw.url or None,
        title=_title(raw),
        author=first_text(raw.page, AUTHOR) or attribute_of(raw.page, "meta[name=author]", "content"),
        author_id=None,
        posted=_moment(raw, PUBLISHED),
        modified=_moment(raw, MODIFIED),
        last_comment=None,
        claimed_comments=claimed,
        text=text_of(text) if text is not None else None,
        html=text.inner_html if text is not None else None,
        protected=raw.page.first("form.post-password-form") is not None,
    )


def post_id_of(raw: RawPage) -> str | None:
    """The article's id: by the comment form, the body's class, the short link, or the article's element."""
    value = attribute_of(raw.page, POST_ID_INPUT, "value")
    # The form is the surest: without it WordPress would not know what is commented on.
    if value is not None and value.isdigit():
        return value
    return next(_ids(raw), None)


def _title(raw: RawPage) -> str | None:
    # <title> comes last: it has the site's name behind the article's.
    printed = next((title for selector in TITLES if (title := first_text(raw.page, selector))), None)
    return printed or attribute_of(raw.page, SHARED_TITLE, "content") or first_text(raw.page, "title")


def _ids(raw: RawPage) -> Iterator[str]:
    body = raw.page.first("body")
    for name in sorted(classes(body)) if body is not None else ():
        if found := BODY_ID.fullmatch(name):
            yield found[1]
    if found := SHORT_LINK.search(attribute_of(raw.page, "link[rel=shortlink]", "href") or ""):
        yield found[1]
    if found := ELEMENT_ID.fullmatch(
        attribute_of(raw.page, "article[id^=post-], div[id^=post-]", "id") or ""
    ):
        yield found[1]


def _moment(raw: RawPage, places: tuple[tuple[str, str], ...]) -> Moment | None:
    for selector, name in places:
        written = attribute_of(raw.page, selector, name)
        try:
            if written:
                return read_iso(written)
        except ValueError:
            continue
    return None
