"""rantburg.com: a day's articles in six sections, each article with its numbered comments."""

from parsers.source import Source
from parsers.sources.rantburg import article_page, comments_page, comments_text, section_page, urls
from parsers.sources.rantburg.zone import ZONE_NAME

SOURCE = Source(
    name="rantburg",
    base_url=urls.BASE_URL,
    hosts=urls.HOSTS,
    zone=ZONE_NAME,
    delay=1.0,
    sections=urls.SECTIONS,
    templates=(
        comments_text.TEMPLATE,
        comments_page.TEMPLATE,
        section_page.TEMPLATE,
        article_page.TEMPLATE,
    ),
    address_of=urls.address_of,
    url_of=urls.url_of,
)
