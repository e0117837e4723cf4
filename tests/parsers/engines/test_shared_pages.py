"""Real pages of each engine: read whole, or refused with an error that says what is missing."""

from collections import Counter

import pytest

from parsers.engines.moments import is_whole
from parsers.engines.raw import RawPage
from parsers.engines.records import EngineComment
from parsers.errors import ParseError
from tests.parsers.engines.shared_pages import INDEX, SharedPage, shared_pages

PAGES = list({page.name: page for page in shared_pages()}.values())

REFUSED = {
    # No whole time is on the page: it is relative, or the attribute for it is empty.
    "wordpress-html5/web-conten__4083.html": "comment.posted_at",
    "wordpress-html5/web-conten__4669.html": "comment.posted_at",
    "wordpress-div/trafilatur__d32ad974a4b04657bb6e4d91852bd52d.html": "comment.posted_at",
    "wordpress-div/trafilatur__spontis.de.jahrzehnt.html": "comment.posted_at",
    "wordpress-div/web-conten__4150.html": "comment.posted_at",
    # A plug-in shows a forum's posts in a markup of its own.
    "wordpress-div/trafilatur__mtb-news.de-tubeless.html": "comment.author",
    # Other software.
    "wordpress-classic/trafilatur__oekonomenstimme.org.keynes.html": "no mark of WordPress",
    "wordpress-div/trafilatur__cicero.de.pandemie.html": "Drupal",
    **{
        f"wordpress-div/web-conten__{number}.html": "Substack"
        for number in (
            "0416",
            "0420",
            "0460",
            "0472",
            "0474",
            "2414",
            "2453",
            "4446",
        )
    },
    # Shells that a script fills.
    **{
        f"discourse/web-conten__{number}.html": "empty shell"
        for number in (
            4145,
            4147,
            4278,
            4314,
            4607,
            4802,
            4838,
        )
    },
}
"""The pages that cannot be read, and what each error names."""

PARTLY = {"wordpress-classic/trafilatur__spektrum.de.engelbart.html": 5}
"""Pages with excerpts of another article's comments among their own: these are told as unreadable."""

CLAIMS_MORE = {"xenforo2-fora/web-conten__0528.html": 4, "xenforo2-fora/web-conten__0534.html": 1}
"""How many replies are hidden until a reader asks for them."""

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not INDEX.exists(), reason="the real pages are not beside the project"),
]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in REFUSED], ids=lambda page: page.name
)
def test_page_is_read(page: SharedPage) -> None:
    parsed = page.read(page.raw)
    assert len(parsed.comments) + len(parsed.unreadable) == page.counted() > 0
    assert len(parsed.unreadable) == PARTLY.get(page.name, 0)
    ids = [comment.external_id or comment.number for comment in parsed.comments]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    for comment in parsed.comments:
        if comment.state in {"shown", "hidden"}:
            assert comment.author
            assert comment.posted.local or comment.posted.at
    assert parsed.entries[0].title


@pytest.mark.parametrize("page", [page for page in PAGES if page.name in REFUSED], ids=lambda page: page.name)
def test_page_is_refused_by_name(page: SharedPage) -> None:
    with pytest.raises(ParseError) as caught:
        page.read(page.raw)
    assert REFUSED[page.name] in str(caught.value) or caught.value.field == REFUSED[page.name]


def test_a_claim_of_a_single_page_is_what_it_shows() -> None:
    """Where a thread has one page, its counter and its rows agree: the one is not counted from the other."""
    tally: Counter[bool] = Counter()
    for page in PAGES:
        if page.name in REFUSED:
            continue
        parsed = page.read(page.raw)
        if parsed.next_urls or (parsed.pages or 1) > 1 or parsed.unreadable:
            continue
        for claim in parsed.claims:
            opening = 1 if claim.of == "replies" else 0
            shown = len(parsed.comments) + CLAIMS_MORE.get(page.name, 0)
            tally[claim.count == shown - opening] += 1
    assert tally[False] == 0
    assert tally[True] > 100


def read_without(page: SharedPage, attribute: bytes) -> dict[object, EngineComment]:
    """The comments of a page in which an attribute has another name, by their ids or numbers."""
    body = page.raw.body.replace(attribute, b"data-away=")
    try:
        comments = page.read(RawPage(body, page.url)).comments
    except ParseError:
        return {}
    return {comment.external_id or comment.number: comment for comment in comments}


def test_times_in_words_are_those_of_the_attributes() -> None:
    """Most themes print a time twice; without its attribute the words must say the same."""
    tally: Counter[bool] = Counter()
    for page in PAGES:
        if page.name in REFUSED or page.kind.startswith("discourse"):
            continue
        in_words = read_without(page, b"datetime=")
        for comment in page.read(page.raw).comments:
            other = in_words.get(comment.external_id)
            if other is not None and is_whole(comment.posted) and is_whole(other.posted):
                tally[comment.posted.local == other.posted.local] += 1
    assert tally[False] == 0
    assert tally[True] > 1_500


def test_the_markup_for_crawlers_says_what_the_json_in_the_page_says() -> None:
    """Both are in these pages, and two parsers that share little read them."""
    count = 0
    for page in PAGES:
        if page.name in REFUSED or page.kind != "discourse":
            continue
        in_markup = read_without(page, b"data-preloaded=")
        for comment in page.read(page.raw).comments:
            shown = in_markup[comment.number]
            assert (shown.author, shown.text) == (comment.author, comment.text)
            assert shown.posted.at == comment.posted.at
            count += 1
    assert count == 167
