"""Section pages: comments, their numbers, authors and times."""

from collections.abc import Iterator
from datetime import date, datetime

from tests.site.cases.fixture import Fixture, on_section_page
from tests.site.cases.small import day_of, remark, short_article
from tests.site.model import Comment, delete_comment
from tests.site.pieces import Body, Gloss, Link, Markup, Note, Text, Wrapped

DAY = date(2018, 3, 23)
END = Text(".")


def cases() -> Iterator[Fixture]:
    """Every case of this kind."""
    yield from _quotes()
    yield from _authors()
    yield from _times()
    yield _after_a_deletion()


def _thread(name: str, why: str, number: int, *comments: Comment, day: date = DAY) -> Fixture:
    posted = datetime(day.year, day.month, day.day, 0, 50)
    return on_section_page(name, why, day_of(short_article(number, day, comments=comments, posted=posted)))


def _said(number: int, hour: int, words: str | Body, author: str = "Ludo") -> Comment:
    return remark(number, datetime(2018, 3, 23, hour, 7), words, author=author)


def _quotes() -> Iterator[Fixture]:
    yield _thread(
        "comment-quotes-a-number",
        "A comment that quotes another's number is one comment.",
        201,
        _said(2011, 2, "The gate should be blue."),
        _said(2012, 3, "#1 Blue is for boats. See also #3 below."),
        _said(2013, 4, (Wrapped("i", (Text("#2 Blue is for boats."),)), Text(" And for gates, I say."))),
    )
    yield _thread(
        "comment-quotes-a-footer",
        "A comment that quotes a footer is one comment, and its author is the one below it.",
        202,
        _said(2021, 2, "As it was put: Posted by: Mrs. Applegarth 03/01/2018 1:11 in her column."),
        _said(2022, 3, "Posted by: Ludo || 03/01/2018 1:11 Comments || Top|| and so it goes on."),
        _said(2023, 4, "Posted by: nobody at all", author="Tess of the Locks"),
    )
    yield _thread(
        "editors-note-in-a-comment",
        "An editor's note in a comment is shown with the comment.",
        203,
        _said(2031, 5, (Text("I counted nine herons."), Note("There were ten."))),
        _said(2032, 6, (Note("Moved here from the other thread."), Text("Ten it is."))),
    )
    yield _thread(
        "comment-with-a-link-and-entities",
        "A comment can be a link alone, and entities in it are letters.",
        204,
        _said(2041, 5, (Link("https://other.example/?a=1&b=2", "the tide table", "target=_blank"),)),
        _said(2042, 6, "Salt & pepper < 5% > 3 \u2014 na\u00efve caf\u00e9 \u201cquoted\u201d"),
        _said(2043, 7, (Text("The "), Gloss("greens", "vegetables"), Text(" were mine."))),
    )

    yield _thread(
        "comment-links-to-a-comments-page",
        "A comment can link to a comments page, as footers do, and hold an anchor of its own.",
        213,
        _said(
            2131,
            5,
            (Text("As said in "), Link("comments.php?D=2018-03-20&ID=510001&HC=1", "that thread"), END),
        ),
        _said(
            2132,
            6,
            (Markup('<a name="top"></a>'), Text("And "), Link("#4032131", "#1", "target=_blank"), END),
        ),
        _said(2133, 7, "Both of you, then."),
    )


def _authors() -> Iterator[Fixture]:
    yield _thread(
        "author-starts-with-a-blank",
        "Names of readers can begin with a blank, in the list as well as below the comment.",
        205,
        _said(2051, 2, "Good soil there.", author=" Quince"),
        _said(2052, 3, "Too much clay.", author="  Hedge Walker"),
    )
    yield _thread(
        "author-with-odd-signs",
        "Names of readers hold apostrophes, dots, parentheses, digits and dashes.",
        206,
        _said(2061, 2, "Aye.", author="D'Arblay"),
        _said(2062, 3, "Nay.", author="g(r)eengage"),
        _said(2063, 4, "Perhaps.", author="Dr. A. Weir-Smith Jr."),
        _said(2064, 5, "On 3 May by noon.", author="Skipper 1:11 by day"),
    )


def _times() -> Iterator[Fixture]:
    yield _thread(
        "hour-not-padded",
        "Hours below ten are printed without a nought, in the first hour as a single nought.",
        207,
        remark(2071, datetime(2018, 3, 23, 0, 5)),
        remark(2072, datetime(2018, 3, 23, 9, 40)),
        remark(2073, datetime(2018, 3, 23, 23, 59)),
    )
    yield _thread(
        "comment-a-day-later",
        "Comments come in for days: a comment's date can be later than the page's.",
        208,
        remark(2081, datetime(2018, 3, 23, 20, 15)),
        remark(2082, datetime(2018, 3, 24, 8, 2)),
        remark(2083, datetime(2018, 4, 1, 0, 0)),
    )
    yield _thread(
        "clock-goes-back",
        "The hour that autumn repeats: the first of the two, unless the thread would go back in time.",
        209,
        remark(2091, datetime(2018, 11, 4, 1, 40)),
        remark(2092, datetime(2018, 11, 4, 1, 10, fold=1)),
        remark(2093, datetime(2018, 11, 4, 1, 50, fold=1)),
        remark(2094, datetime(2018, 11, 4, 2, 5)),
        day=date(2018, 11, 4),
    )
    later = (remark(2101, datetime(2017, 11, 5, 1, 15, fold=1)), remark(2102, datetime(2017, 11, 5, 9, 0)))
    yield on_section_page(
        "clock-goes-back-after-the-article",
        "The article's own time counts as the thread's first: a comment is not older than its article.",
        day_of(short_article(210, date(2017, 11, 5), posted=datetime(2017, 11, 5, 1, 30), comments=later)),
    )
    yield _thread(
        "clock-skips-an-hour",
        "An hour that spring leaves out is read with the offset from before the change.",
        211,
        remark(2111, datetime(2018, 3, 11, 1, 59)),
        remark(2112, datetime(2018, 3, 11, 2, 30)),
        remark(2113, datetime(2018, 3, 11, 3, 45)),
        day=date(2018, 3, 11),
    )


def _after_a_deletion() -> Fixture:
    before = day_of(short_article(212, DAY, comments=4))
    article = before.articles[0]
    after = delete_comment(before, article.external_id, article.comments[1].external_id)
    why = "After a deletion the later comments have moved up one number and kept their ids."
    return on_section_page("numbers-after-a-deletion", why, after)
