"""Sources made of settings: each kind of site software by its name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from parsers.engines.wordpress import making as wordpress
from parsers.source import Site, Source

ENGINES: Mapping[str, Callable[[Site], Source]] = MappingProxyType({"wordpress": wordpress.make})


def make(site: Site) -> Source:
    """The source that the settings name; KeyError if there is no such engine."""
    return ENGINES[site.engine](site)
