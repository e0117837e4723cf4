"""Source packs of other distributions: each is loaded by itself, and one that cannot be used is a value."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from zoneinfo import ZoneInfo

from parsers.pack_failures import PackFailure, pass_over_unreadable, reason_of, unreadable
from parsers.source import Source, Template

ENTRY_POINTS = "thresher.sources"


class SourceInvalid(TypeError):
    """What the entry point names is no source, or a source with an invalid field."""


def load_packs() -> Iterator[tuple[str, Source | PackFailure]]:
    """Each installed pack under the name of its entry point; unreadable ones under their distribution's."""
    pass_over_unreadable()
    # All at once: what cannot be read is known only after every distribution was asked.
    installed = tuple(entry_points(group=ENTRY_POINTS))
    for failure in unreadable():
        yield failure.name, failure
    for found in installed:
        yield found.name, load(found)


def load(entry_point: EntryPoint) -> Source | PackFailure:
    """The source that the entry point names, whatever its pack does while it is imported."""
    try:
        return checked(entry_point.load())
    # An operator's Ctrl-C while a pack is imported is no fault of the pack.
    except KeyboardInterrupt:
        raise
    except SourceInvalid as error:
        return PackFailure(name=entry_point.name, value=entry_point.value, reason=str(error))
    except BaseException as error:  # noqa: BLE001 - a pack may call sys.exit, or raise what is no Exception
        return PackFailure(name=entry_point.name, value=entry_point.value, reason=reason_of(error))


def checked(source: object) -> Source:
    """The source, if all that is asked of every source at once is as it should be.

    Raises:
        SourceInvalid: it is no source, or one of its fields is invalid; the error names the field.
        Exception: its zone is unknown.
    """
    if not isinstance(source, Source):
        raise SourceInvalid(f"it is {_article(type(source).__name__)}, not a Source")
    for field in ("name", "base_url", "zone"):
        if not isinstance(getattr(source, field), str):
            raise SourceInvalid(f"its {field} is {getattr(source, field)!r}, not a text")
    if not all(isinstance(host, str) for host in source.hosts):
        raise SourceInvalid(f"its hosts are {source.hosts!r}, not texts")
    if not all(isinstance(template, Template) for template in source.templates):
        raise SourceInvalid("one of its templates is no Template")
    for field in ("address_of", "url_of"):
        if not callable(getattr(source, field)):
            raise SourceInvalid(f"its {field} cannot be called")
    # Now, and not with the first page: a wrong zone fails the pack alone.
    ZoneInfo(source.zone)
    return source


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"
