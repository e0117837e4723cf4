"""A look at a site before it becomes a source: is it that software, may it be asked, and which zone it says.

robots.txt -> each of the engine's questions, until one answer is that software's -> the zone
           -> which of the categories that the operator names it has
           -> robots.txt once more, for the first address that a harvest would ask for
"""

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.errors import ConfigurationError, CouldNotRun, RobotsForbidden, StatusUnexpected
from ingest.fetch import Fetcher, Limits
from ingest.pipeline.workspace import fetcher_for
from ingest.records.capture import header_values
from ingest.records.chosen import SourceSettings
from ingest.settings import Settings
from parsers.engines.looking import Look
from parsers.engines.raw import RawPage
from parsers.engines.sites import category_look_at, looks_at, make, named_categories
from parsers.errors import ParseError
from parsers.source import Site

OK = 200

log = logging.getLogger(__name__)


async def look_at(
    site: Site, *, zone: str | None, settings: Settings, clock: Clock, limits: Limits | None = None
) -> Site:
    """The site with what it says of itself; ``zone`` is the operator's, which wins over the site's.

    Raises:
        CouldNotRun: the site is not of that software, or does not answer everybody.
        FetchError: it could not be asked, or robots.txt forbids it.
        ConfigurationError: nobody names the zone, or the site has no such category.
    """
    chosen = SourceSettings(base_url=site.base_url, delay=site.delay)
    async with fetcher_for(make(site), chosen, settings, clock, limits or Limits()) as fetcher:
        look, said = await _first_answer(site, fetcher)
        if zone is None and said is None:
            raise ConfigurationError(f"{site.base_url} does not say its time zone: name it with --zone")
        zone = zone or said or site.zone
        found = replace(
            site, zone=zone, rest_route=look.rest_route, html=look.html, plain_urls=look.plain_urls
        )
        await _require_categories(found, fetcher)
        await _require_harvest(found, fetcher, clock)
    return found


async def _first_answer(site: Site, fetcher: Fetcher) -> tuple[Look, str | None]:
    refusals: list[str] = []
    for look in looks_at(site.engine):
        url = f"{site.base_url}{look.path}"
        capture = await fetcher.fetch(url)
        raw = RawPage(capture.body, capture.url, header_values(capture.response_headers))
        try:
            said = look.zone_of(raw)
            # Behind the parser: a wall with status 403 is named as a wall.
            if capture.status != OK:
                raise CouldNotRun(str(StatusUnexpected(capture.status, url)))
        except ParseError as error:
            log.debug("%s is not taken for %s: %s", url, site.engine, error)
            refusals.append(f"{capture.status}, {error}")
        else:
            return look, said
    raise CouldNotRun(f"{site.base_url} was not read as {site.engine}: {'; '.join(refusals)}")


async def _require_categories(site: Site, fetcher: Fetcher) -> None:
    if not site.categories:
        return
    try:
        named_categories(site.engine, site.categories, html=site.html)
    except ValueError as exc:
        raise ConfigurationError(f"{site.base_url}: {exc}") from exc
    question = category_look_at(site.engine)
    capture = await fetcher.fetch(question.url_of(site))
    raw = RawPage(capture.body, capture.url, header_values(capture.response_headers))
    try:
        known = question.ids_of(raw)
    except ParseError as error:
        raise CouldNotRun(f"{site.base_url} does not say which categories it has: {error}") from error
    missing = sorted(set(make(site).sections) - known)
    if missing:
        raise ConfigurationError(f"{site.base_url} has no category {', '.join(map(str, missing))}")


async def _require_harvest(site: Site, fetcher: Fetcher, clock: Clock) -> None:
    """Raises RobotsForbidden where the list of a day may not be asked for."""
    source = make(site)
    day = clock.now().astimezone(ZoneInfo(site.zone)).date()
    for address in source.lists.entries(day) if source.lists is not None else ():
        url = source.url_of(address, site.base_url)
        if not await fetcher.may_fetch(url):
            raise RobotsForbidden("robots.txt forbids it", url)
