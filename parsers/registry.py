"""The sources there are: ours, what other distributions bring by entry point, and the operator's sites.

The operator's are made of settings, and are known once ``configure`` was called.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from parsers.engines.sites import make
from parsers.errors import SourceUnknown, SourceUnusable
from parsers.pack_failures import PackFailure
from parsers.source import Site, Source
from parsers.sources import rantburg

SOURCES = (rantburg.SOURCE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The sources that can be used, and the packs that cannot."""

    sources: tuple[Source, ...]
    failures: tuple[PackFailure, ...]


@cache
def installed() -> Installed:
    """Everything that is installed, ours first; a pack that cannot be used stops no other."""
    # The distributions are read by their metadata, which a process with a source of ours need not import.
    from parsers.packs import load_packs

    # Ours first: a pack must not put itself in the place of a source that has data.
    found = {source.name: source for source in SOURCES}
    failures: list[PackFailure] = []
    for name, pack in load_packs():
        if isinstance(pack, PackFailure):
            failures.append(pack)
        elif pack.name in found:
            reason = f"there is another source named {pack.name!r}"
            failures.append(PackFailure(name=name, value=pack.base_url, reason=reason))
        else:
            found[pack.name] = pack
    return Installed(sources=tuple(found.values()), failures=tuple(failures))


_sites: dict[str, Source] = {}


def configure(sites: Iterable[Site]) -> None:
    """Make sources of the operator's sites, in place of those that were made before."""
    # All are made before any is replaced: a wrong setting leaves the old ones as they were.
    made = {site.name: make(site) for site in sites}
    _sites.clear()
    _sites.update(made)


def configured() -> tuple[Site, ...]:
    """The operator's sites, for another process."""
    return tuple(source.site for source in _sites.values() if source.site is not None)


def sources() -> tuple[Source, ...]:
    """Every source, ours first; one of ours is never replaced by a third party's of the same name."""
    packs = installed().sources
    names = {source.name for source in packs}
    return packs + tuple(source for source in _sites.values() if source.name not in names)


def failures() -> tuple[PackFailure, ...]:
    """The packs that are passed over, with the reason of each."""
    return installed().failures


def source_named(name: str) -> Source:
    """The source of that name.

    Raises:
        SourceUnknown: there is none; the error lists those there are.
        SourceUnusable: a pack of that name is installed, and cannot be used; the error says why.
    """
    # First without the packs: a process with a source of ours need not read them.
    found = _named(name, SOURCES) or _named(name, sources())
    if found is not None:
        return found
    for failure in failures():
        if failure.name == name:
            raise SourceUnusable(name, str(failure))
    raise SourceUnknown(name, tuple(source.name for source in sources()), tuple(map(str, failures())))


def _named(name: str, among: Iterable[Source]) -> Source | None:
    return next((source for source in among if source.name == name), None)
