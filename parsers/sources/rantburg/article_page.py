"""The article page: one article block and its comments, without the day's catalogue (assumed)."""

from parsers.errors import PageUnrecognised
from parsers.records import ParsedPage
from parsers.source import Document, Template
from parsers.sources.rantburg.articles import read_articles
from parsers.sources.rantburg.blocks import marks_of


def recognises(document: Document) -> bool:
    """Whether the page has article blocks; section pages are recognised first."""
    return document.page.first("td.hline") is not None


def read(document: Document, template: Template) -> ParsedPage:
    """Read the page.

    Raises:
        PageUnrecognised: the page shows another article than its address asks for.
        PageTruncated, FieldMissing, FieldMalformed: see ``articles``.
    """
    truncated = not document.is_closed
    articles, unreadable = read_articles(
        marks_of(document), document.url, headlines={}, names={}, truncated=truncated
    )
    address = document.address
    if address is not None and address.article_id not in {article.external_id for article in articles}:
        raise PageUnrecognised(f"the page does not show article {address.article_id}", document.url)
    return template.page(
        document,
        day=articles[0].date,
        section=articles[0].section,
        articles=articles,
        truncated=truncated,
        unreadable=unreadable,
    )


TEMPLATE = Template(
    name="rantburg.article",
    kind="article",
    revision=2,
    recognises=recognises,
    read=read,
    silent_on=frozenset({"article.section_name"}),
)
