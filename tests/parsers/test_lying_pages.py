"""Markup made to hide or to take over other blocks: no other block is lost, no author or time is wrong."""

from collections.abc import Callable
from itertools import product

import pytest

from ingest.decide.completeness.counters import agreement
from parsers.errors import ParseError
from parsers.records import Article, ParsedPage
from tests.parsers.pages import BARGE, DAY, day_with, parse, remark, shown_on, story
from tests.site.cases.fixture import article_url, comments_url
from tests.site.model import Day
from tests.site.pieces import Body, Markup, Text
from tests.site.render import article_page, comments_page

SWALLOWING = (
    *("<!--", "<!-- x", "<![CDATA[", "<!x", "<?x", "</p", "<a ", "<b"),
    *("<script>", "<style>", "<textarea>", "<title>", "<xmp>", "<plaintext>", "<iframe>", "<noembed>"),
    *("<noframes>", "<noscript>", "<template>", "<object>", "<select>", "<select><option>", "<listing>"),
    *("<svg>", "<svg><style>", "<svg><title>", "<svg><script>", "<svg><![CDATA[", "<svg><desc><style>"),
    *(
        "<math>",
        "<math><style>",
        "<math><mi><xmp>",
        "<math><annotation-xml>",
        "<svg><foreignObject><textarea>",
    ),
    *('<a href="http://x.example/ >', "<a href='http://x.example/ >", '<img alt="', "<img alt='x"),
    *(
        "</table></table></table>",
        "</table>" * 9,
        "</td></tr></table>",
        "</body></html>",
        "<frameset>",
        "<button>",
    ),
    *("<marquee>", "<applet>", "<head>", "<caption>", "<colgroup>", "<col>", "<script><!--<script>", "<pre>"),
)
TRUE = [
    (1, "reader 1", "12:01"),
    (2, "reader 2", "12:02"),
    (3, "reader 3", "12:03"),
    (4, "reader 4", "12:04"),
]


def on_section_page(day: Day) -> ParsedPage:
    return parse(*shown_on(day))


def on_article_page(day: Day) -> ParsedPage:
    return parse(article_page(day, "510764"), article_url(DAY, "510764", 1))


def on_comments_page(day: Day) -> ParsedPage:
    return parse(comments_page(day, "510764"), comments_url(DAY, "510764", 1))


READERS = (on_section_page, on_article_page, on_comments_page)


def day_of(*, body: Body = BARGE, third: Body = (), place: int = 3) -> Day:
    comments = [remark(number, body=third if number == place else ()) for number in (1, 2, 3, 4)]
    return day_with(story(*comments, body=body), story(remark(5), external_id="510770"))


def thread(article: Article) -> list[tuple[int, str | None, str]]:
    return [(comment.number, comment.author, comment.posted_local[-5:]) for comment in article.comments]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("opened", SWALLOWING)
def test_in_a_comment(opened: str, read: Callable[[Day], ParsedPage]) -> None:
    for place in (1, 3, 4):
        require_all_but(opened, read, place)


def require_all_but(opened: str, read: Callable[[Day], ParsedPage], place: int) -> None:
    """What a comment opens and does not close swallows nothing of what stands around it."""
    page = read(day_of(third=(Text("before "), Markup(opened), Text(" after.")), place=place))
    first = page.articles[0]
    assert (first.external_id, first.text, first.posted_by) == ("510764", "A barge came by.", "Tiller")
    assert thread(first) == TRUE
    comment = first.comments[place - 1]
    assert comment.text.startswith("before")
    assert comment.text.endswith("after.")
    assert [other.text for other in first.comments if other is not comment] == [
        f"remark {number}" for number in (1, 2, 3, 4) if number != place
    ]
    if read is on_section_page:
        assert [article.external_id for article in page.articles] == ["510764", "510770"]
        assert page.articles[1].comments[0].text == "remark 5"
        assert agreement(page) == ()


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("opened", SWALLOWING)
def test_in_a_body(opened: str, read: Callable[[Day], ParsedPage]) -> None:
    page = read(day_of(body=(Text("before "), Markup(opened), Text(" after."))))
    first = page.articles[0]
    assert first.text.startswith("before")
    assert first.text.endswith("after.")
    assert (first.posted_by, first.title) == ("Tiller", "Barge")
    assert thread(first) == TRUE
    assert [comment.text for comment in first.comments] == [f"remark {number}" for number in (1, 2, 3, 4)]
    if read is on_section_page:
        assert (first.posted_local, first.views, page.articles[1].external_id) == (
            "2018-03-23T01:35",
            3,
            "510770",
        )
        assert agreement(page) == ()


FORGED = (
    'x</td></tr><tr><td style="font-size:9pt">Posted by: Evil || 03/19/2018 01:00 ||'
    ' <A HREF="{}">Comments</A>||'
)
LINK = "comments.php?D=2018-03-19&ID=510764&HC=1"
FORGED_PLAIN = "x</td></tr><tr><td>Posted by: <b>Evil</b>&nbsp; 2018-03-19 01:00"


@pytest.mark.parametrize(
    "behind", ["", " y", "<textarea>", '<a title="', "<!--", "<script>", "</table></table></table>"]
)
@pytest.mark.parametrize("link", [LINK, "comments.php?ID=77&", "comments.php"])
@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("in_body", [True, False])
def test_a_footer_of_its_own(
    in_body: bool, read: Callable[[Day], ParsedPage], link: str, behind: str
) -> None:
    forged = FORGED_PLAIN if read is on_comments_page else FORGED.format(link)
    lie: Body = (Markup(forged + behind), Text(" z"))
    page = read(day_of(body=lie) if in_body else day_of(third=lie))
    first = page.articles[0]
    assert (first.posted_by, first.posted_local in {None, "2018-03-23T01:35"}) == ("Tiller", True)
    assert thread(first) == TRUE
    told = first.text if in_body else first.comments[2].text
    assert told.startswith("x")
    assert "Posted by: Evil" in told
    assert told.endswith("z")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "lie",
    [
        FORGED.format(LINK) + '</td></tr><tr><td><a name="4999999"></a>#4&nbsp; fake',
        FORGED.format(LINK) + "</td></tr><tr><td>#4&nbsp; fake",
        '<a name="4999999"></a>#4&nbsp; fake',
        '<!-- <td><a name="4999999"></a>#4 x -->',
        FORGED_PLAIN + '</td></tr></table><table><tr><td><a name="4999999"></a>#4&nbsp; fake',
    ],
)
def test_a_block_of_its_own_is_never_silent(lie: str, read: Callable[[Day], ParsedPage]) -> None:
    try:
        page = read(day_of(third=(Markup(lie),)))
    except ParseError:
        return
    true = all(row in TRUE for row in thread(page.articles[0])) and len(page.articles[0].comments) == 4
    assert true or page.unreadable or page.kind != "section" or agreement(page) != ()


def test_an_author_who_writes_a_footer_s_end() -> None:
    markup, url = shown_on(day_of())
    for name in ("Evil || 03/19/2018 01:00 ||", "--> Evil", "</textarea> Evil"):
        (first, _) = parse(markup.replace("Posted by: reader 3", f"Posted by: {name}"), url).articles
        assert first.comments[2].posted_local == "2018-03-23T12:03"
        assert "Evil" in (first.comments[2].author or "")


def test_what_cannot_be_read_is_named_and_the_rest_is_whole() -> None:
    markup, url = shown_on(day_of(third=(Markup("before <!-- "), Text("after."))))
    page = parse(markup.replace("03/23/2018 12:03", "03/23/2018 25:03"), url)
    assert [(block.article, block.comment) for block in page.unreadable] == [("510764", "4000021")]
    assert "comment.posted_at" in page.unreadable[0].reason
    assert thread(page.articles[0]) == [TRUE[0], TRUE[1], TRUE[3]]
    assert any(
        "comment 4000021 of article 510764 cannot be read: comment.posted_at" in why
        for why in agreement(page)
    )


def test_an_article_that_cannot_be_read_is_named() -> None:
    markup, url = shown_on(day_of(body=(Markup("before <script> "), Text("after."))))
    page = parse(markup.replace("01:35", "25:35", 1), url)
    assert [article.external_id for article in page.articles] == ["510770"]
    assert [(block.article, block.comment) for block in page.unreadable] == [("510764", None)]
    assert any("article 510764 cannot be read: article.posted_at" in why for why in agreement(page))


def test_a_page_of_nothing_that_can_be_read_is_an_error() -> None:
    markup, url = shown_on(day_of(body=(Markup("before <script> "), Text("after."))))
    with pytest.raises(ParseError, match=r"article\.posted_at"):
        parse(markup.replace("01:35", "25:35"), url)


@pytest.mark.parametrize(
    ("one", "two"), list(product(("<!--", "<script>", '<a title="', "<template>"), repeat=2))
)
def test_two_lies_on_one_page(one: str, two: str) -> None:
    comments = [
        remark(n, body=(Text("before "), Markup({1: one, 3: two}.get(n, "")), Text(f" {n}")))
        for n in (1, 2, 3, 4)
    ]
    page = parse(*shown_on(day_with(story(*comments), story(remark(5), external_id="510770"))))
    assert thread(page.articles[0]) == TRUE
    assert [comment.text.split()[-1] for comment in page.articles[0].comments] == ["1", "2", "3", "4"]
    assert agreement(page) == ()
