"""Source packs of other distributions: each is loaded by itself, and one that cannot be used is a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, EntryPoints, entry_points
from traceback import format_exception_only
from zoneinfo import ZoneInfo

from parsers.source import Source, Template

ENTRY_POINTS = "thresher.sources"
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFailure:
    """A pack that is passed over: its entry point, such as `harbour = harbour_pack:SOURCE`, and why."""

    name: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"the pack {self.name!r} ({self.value}) cannot be used: {self.reason}"


class SourceInvalid(TypeError):
    """What the entry point names is no source, or a source with an invalid field."""


_unreadable: dict[str, PackFailure] = {}
_read_entry_points = Distribution.__dict__["entry_points"].fget


def pass_over_unreadable() -> None:
    """Lets `importlib.metadata` pass over each distribution whose entry points cannot be read.

    It raises a TypeError otherwise, whoever asks: pydantic and apscheduler do while they are imported.
    """
    Distribution.entry_points = property(_readable_entry_points)  # type: ignore[assignment,method-assign]


def _readable_entry_points(distribution: Distribution) -> EntryPoints:
    try:
        found: EntryPoints = _read_entry_points(distribution)
    except Exception as error:  # noqa: BLE001 - the file is anybody's
        file = f"{getattr(distribution, '_path', distribution.name)}/entry_points.txt"
        failure = PackFailure(name=distribution.name, value=file, reason=reason_of(error))
        _unreadable[file] = failure
        return EntryPoints()
    return found


def load_packs() -> Iterator[tuple[str, Source | PackFailure]]:
    """Each installed pack under the name of its entry point; unreadable ones under their distribution's."""
    pass_over_unreadable()
    installed = tuple(entry_points(group=ENTRY_POINTS))
    for failure in _unreadable.values():
        yield failure.name, failure
    for found in installed:
        yield found.name, load(found)


def load(entry_point: EntryPoint) -> Source | PackFailure:
    """The source that the entry point names, whatever its pack does while it is imported."""
    try:
        return checked(entry_point.load())
    except KeyboardInterrupt:
        raise
    except SourceInvalid as error:
        return PackFailure(name=entry_point.name, value=entry_point.value, reason=str(error))
    except BaseException as error:  # noqa: BLE001 - a pack may call sys.exit, or raise what is no Exception
        return PackFailure(name=entry_point.name, value=entry_point.value, reason=reason_of(error))


def reason_of(error: BaseException) -> str:
    """Type and message in one line; a message that cannot be printed is left out."""
    words = " ".join("".join(format_exception_only(error)).split())
    return words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}..."


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
    ZoneInfo(source.zone)
    return source


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"
