"""Sources made of settings: each kind of site software by its name, and what tells that a site is of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from parsers.engines.discourse import looking as discourse_looking
from parsers.engines.discourse import making as discourse
from parsers.engines.looking import Look
from parsers.engines.wordpress import looking as wordpress_looking
from parsers.engines.wordpress import making as wordpress
from parsers.engines.xenforo import looking as xenforo_looking
from parsers.source import Site, Source

ENGINES: Mapping[str, Callable[[Site], Source]] = MappingProxyType(
    {"discourse": discourse.make, "wordpress": wordpress.make}
)
LOOKS: Mapping[str, tuple[Look, ...]] = MappingProxyType(
    {
        "discourse": discourse_looking.LOOKS,
        "wordpress": wordpress_looking.LOOKS,
        "xenforo": xenforo_looking.LOOKS,
    }
)
"""The questions for each kind, of which one answer is enough."""


def make(site: Site) -> Source:
    """The source that the settings name; KeyError if there is no such engine."""
    return ENGINES[site.engine](site)
