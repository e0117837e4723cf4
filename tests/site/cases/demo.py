"""One consistent day, section by section: what ``thresher demo`` serves and harvests."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

from tests.site.cases.fixture import Fixture, on_section_page
from tests.site.invent import invented_day
from tests.site.model import Day, change_article, edit_comment
from tests.site.pieces import Aside, Body, Break, Gloss, Note, Outlet, Text, paragraphs, picture

DAY = date(2018, 4, 14)
ARTICLES = {1: 8, 2: 6, 3: 5, 4: 4, 6: 2}
COMMENTS = 60


def cases() -> Iterator[Fixture]:
    """The day's five section pages, captured at one instant."""
    day = demo_day()
    for section in sorted(ARTICLES):
        why = f"Section {section} of the demonstration's day; its counters agree with the other four pages."
        yield on_section_page(f"demo-day-section-{section}", why, day, section=section)


def demo_day() -> Day:
    """25 articles and 60 comments, with a few of the site's habits in them."""
    day = invented_day(
        DAY, articles=ARTICLES, comments=COMMENTS, first_article=511_300, first_comment=4_048_200
    )
    day = replace(
        day,
        articles_archived=391_412,
        comments_archived=1_401_877,
        clock=time(23, 41),
        visitor_ip="192.0.2.17",
    )
    for article in (
        replace(day.articles[3], title="", link="", body=(picture("images/weir.jpg", "the weir"), Break(2))),
        replace(day.articles[9], title=f"{day.articles[9].title}\n", label="", body=_rich()),
        replace(day.articles[15], title=f" '{day.articles[15].title}' & more"),
    ):
        day = change_article(day, article)
    spoken = next(article for article in day.articles if article.comments)
    quoted = (Text("Posted by: Old Tiller || 03/01/2018 1:11 is what stood there, and #3 agreed."),)
    return edit_comment(day, spoken.external_id, spoken.comments[-1].external_id, quoted)


def _rich() -> Body:
    return paragraphs(
        (
            Outlet("Quay.Gazette"),
            Text("The "),
            Gloss("bods", "officials", coded=(2,)),
            Text(" came by boat."),
        ),
        (Text("They stayed for tea "), Note("And for supper."), Text("and left by tram.")),
        (
            Gloss("the big wet", "the river", struck="the puddle", aside=Aside("bring boots")),
            Text(" was high."),
        ),
    )
