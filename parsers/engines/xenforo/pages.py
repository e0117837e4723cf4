"""XenForo's pages as pages of a source: a forum's threads of a day, and a thread."""

from zoneinfo import ZoneInfo

from parsers.engines.activity import with_late_posts
from parsers.engines.raw import RawPage
from parsers.engines.xenforo.forum_pages import next_of_forum, read_activity, read_forum
from parsers.engines.xenforo.site_addresses import address_of
from parsers.engines.xenforo.thread_pages import next_of_thread, read_page
from parsers.lists import Known, Next
from parsers.records import ParsedPage
from parsers.source import Answer, Site


def read(site: Site, answer: Answer) -> ParsedPage:
    """One page of the site.

    Raises:
        ParseError: it is not what its address asks for, or a required field is absent.
    """
    raw = RawPage(answer.body, answer.url, answer.headers, ZoneInfo(site.zone))
    address = address_of(site, answer.url)
    if address.kind == "comments":
        return read_page(site, raw, answer)
    if address.since is not None:
        return read_activity(site, raw, address, address.since, answer)
    return read_forum(site, raw, address)


def follow(page: ParsedPage, known: Known) -> tuple[Next, ...]:
    """The next page of a forum's listing and the threads that differ, or the next page of a thread."""
    # Only the address is read again: neither base_url nor zone has a part in its meaning.
    address = address_of(Site(name=page.source, engine="xenforo", base_url="", zone="UTC"), page.url)
    if page.part is None:
        return ()
    if address.kind == "comments":
        return next_of_thread(page.part, known, address)
    if address.kind == "latest":
        return with_late_posts(page, known, address)
    return next_of_forum(page, page.part, known, address)
