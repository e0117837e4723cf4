"""Every error thresher raises on purpose grows on one tree; this is its root and the parsers' branch.

    ThresherError
    ├── SourceUnknown           no pack has that name
    │   └── SourceUnusable      the pack of that name cannot be used
    ├── AddressUnknown          the pack does not know what the address means
    └── ParseError              a page could not be read
        ├── PageUnrecognised    not a page of the kind it should be
        │   └── PageTruncated   the page ends in the middle of a row
        ├── PageBlocked         a login, a challenge or an error text stands in its place
        ├── FieldMissing        a required field is absent
        └── FieldMalformed      a field is there, but says nothing that can be right

The branch of the network, the disk and the database is in ``ingest/errors.py``, that of schedules in
``schedules/errors.py``.
"""


class ThresherError(Exception):
    """Something outside thresher is not as it should be. The page fails; the run goes on."""

    def __reduce__(self) -> tuple[object, ...]:
        # The worker hands errors over a pipe; what __init__ takes is not what Exception keeps.
        return _revive, (type(self), self.args, self.__dict__)


def _revive(cls: type[ThresherError], args: tuple[object, ...], state: dict[str, object]) -> ThresherError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SourceUnknown(ThresherError):
    """No pack has this name. See ``thresher doctor`` for the names there are."""

    def __init__(self, name: str, known: tuple[str, ...], failures: tuple[str, ...] = ()) -> None:
        super().__init__("; ".join((f"no source is named {name!r}; known: {', '.join(known)}", *failures)))
        self.name = name


class SourceUnusable(SourceUnknown):
    """The pack of this name is installed and cannot be used: mend it, or remove it. Other sources work."""

    def __init__(self, name: str, reason: str) -> None:
        ThresherError.__init__(self, reason)
        self.name = name


class AddressUnknown(ThresherError):
    """The address is none of the source's pages: correct it, or leave it out."""

    def __init__(self, url: str, source: str) -> None:
        super().__init__(f"{url!r} is no page of {source} that is harvested")
        self.url = url


class ParseError(ThresherError):
    """A page could not be read. Keep it as a fixture, mend the parser, parse it again."""

    field: str | None = None

    def __init__(self, message: str, url: str) -> None:
        super().__init__(f"{message} ({url or 'no address'})")
        self.reason = message
        self.url = url


class PageUnrecognised(ParseError):
    """The page is not of the kind it should be. Nothing of it may be believed."""


class PageTruncated(PageUnrecognised):
    """The page ends in the middle of a row: fetch it again."""


class PageBlocked(ParseError):
    """The site answered with a wall instead of the page: wait, and ask less often."""


class FieldMissing(ParseError):
    """A required field is absent: the layout changed, or the page is damaged. ``of`` is whose field it is."""

    def __init__(self, field: str, url: str, *, of: str | None = None) -> None:
        super().__init__(f"{field} of {of} is missing" if of else f"{field} is missing", url)
        self.field = field


class FieldMalformed(ParseError):
    """A field says something that cannot be right, such as the 30th of February."""

    def __init__(self, field: str, value: str, url: str) -> None:
        super().__init__(f"{field} cannot be {value!r}", url)
        self.field = field
