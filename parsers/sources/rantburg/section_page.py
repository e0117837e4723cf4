"""The section page of a day: the day's catalogue, and one section's articles in full."""

import re
from collections.abc import Iterable, Mapping

from parsers.errors import FieldMissing, PageUnrecognised
from parsers.html import attribute
from parsers.records import Headline, ParsedPage
from parsers.source import Document, Template
from parsers.sources.rantburg import catalogue
from parsers.sources.rantburg.articles import read_articles
from parsers.sources.rantburg.blocks import marks_of
from parsers.sources.rantburg.damage import cut_where_missing

OWN_IMAGE = 'td > img[src^="images/pg"]'
OWN_NUMBER = re.compile(r"pg(\d)")


def recognises(document: Document) -> bool:
    """A page with a day's headline list, or with the day's own frame and no article at all."""
    page = document.page
    if catalogue.has_list(page):
        return not _asked_for_article(document)
    return page.first("td.hline") is None and catalogue.page_date(page, document.url) is not None


def _asked_for_article(document: Document) -> bool:
    return (
        document.address is not None
        and document.address.kind == "article"
        and len(document.page.select("td.hline")) == 1
    )


def read(document: Document, template: Template) -> ParsedPage:
    """Read the page.

    Raises:
        PageUnrecognised: the page is of another day or section than its address asks for.
        PageTruncated, FieldMissing, FieldMalformed: see ``articles`` and ``catalogue``.
    """
    page = document.page
    day = catalogue.page_date(page, document.url)
    if day is None:
        raise FieldMissing("page.date", document.url)
    if document.address is not None and document.address.day not in (None, day):
        raise PageUnrecognised(f"asked for {document.address.day}, the page is of {day}", document.url)
    marks = marks_of(document)
    sections = catalogue.read_sections(marks.sections, document.text)
    section = _section(document, sections.counts)
    truncated = not (sections.counts and document.is_closed)
    with cut_where_missing(document.url, truncated=truncated):
        headlines = catalogue.read_headlines(marks.headlines, document.url)
    articles, unreadable = read_articles(
        marks,
        document.url,
        headlines=_by_id(headlines, section),
        names=sections.names,
        truncated=truncated,
    )
    return template.page(
        document,
        day=day,
        section=section,
        articles=articles,
        headlines=headlines,
        counters=catalogue.read_counters(document, headlines, section, sections),
        truncated=truncated,
        unreadable=unreadable,
    )


def _section(document: Document, others: Mapping[int, int]) -> int:
    image = document.page.first(OWN_IMAGE)
    number = OWN_NUMBER.search(attribute(image, "src") or "") if image is not None else None
    shown = int(number[1]) if number is not None else None
    asked = document.address.section if document.address is not None else None
    # The foot counts every section but the page's own.
    if asked is not None and shown not in {None, asked} and asked in others:
        raise PageUnrecognised(f"asked for section {asked}, the page is of {shown}", document.url)
    section = asked if asked is not None else shown
    if section is None:
        raise FieldMissing("page.section", document.url)
    return section


def _by_id(headlines: Iterable[Headline], section: int) -> dict[str, Headline]:
    """The headlines by article; of an article in two sections the page shows the one in its own."""
    own_last = sorted(headlines, key=lambda headline: headline.section == section)
    return {headline.external_id: headline for headline in own_last}


TEMPLATE = Template(name="rantburg.section", kind="section", revision=2, recognises=recognises, read=read)
