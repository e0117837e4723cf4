"""The errors of the room that does things; the root of the tree is in ``parsers/errors.py``.

ThresherError
├── ConfigurationError          exit 2: the operator must mend an option or a file
│   ├── AddressInvalid          the database's address is none
│   ├── DatabaseMissing         there is no such database, and the command makes none
│   ├── QueryInvalid            what is searched for has no word, or too many
│   └── SchemaOutdated          the database is of an older thresher, and the command upgrades none
├── CouldNotRun                 exit 3: nothing was begun
│   ├── Busy                    another run holds the source
│   ├── LeaseLost(source, day)  another process may have the day: leave it, and write nothing of it
│   ├── ArchiveUnreachable      the store of objects that the archive is in cannot be used now
│   └── StoreUnusable           the database or the archive cannot be used
│       └── SessionLost         the database ended our session, or does not answer
├── ArchiveDamaged(file, offset)  a record of a WARC file is not whole, or not as it should be
├── FetchError(url)             this page failed; others may work
│   ├── AddressForbidden        the address is outside what may be asked for
│   ├── RobotsForbidden         robots.txt says no
│   ├── Unreachable             no answer, or robots.txt could not be read: the host is left alone
│   ├── BodyRefused             the answer's body is cut, too large, or in an unknown coding
│   └── StatusUnexpected        the site answered, but not with a page
├── BudgetReached               the source's budget is used up: nothing more is asked for
└── WorkerFailed(url)           a page took too much time or memory to parse
"""

from datetime import date

from parsers.errors import ThresherError


class ConfigurationError(ThresherError):
    """An option, a setting or a file is wrong: correct it and run again."""


class AddressInvalid(ConfigurationError):
    """The database's address is no path and no URL of a database that can be used."""


class DatabaseMissing(ConfigurationError):
    """There is no database where one is to be read: nothing was made."""


class SchemaOutdated(ConfigurationError):
    """The database is of an older thresher, or holds no tables: nothing was changed."""


class QueryInvalid(ConfigurationError):
    """There is nothing to search for, or more than can be searched for: the message says which."""


class CouldNotRun(ThresherError):
    """Nothing was begun and nothing was changed."""


class Busy(CouldNotRun):
    """Another run holds the source: wait for it to end. The lock dies with its process."""


class LeaseLost(CouldNotRun):
    """The lease of a day is over or another's: leave the day, which is theirs, and go on with the next."""

    def __init__(self, source: str, day: date) -> None:
        super().__init__(f"the lease of {source}, {day}, is lost")
        self.source = source
        self.day = day


class StoreUnusable(CouldNotRun):
    """The database or the archive cannot be used: see ``thresher doctor``."""


class ArchiveUnreachable(CouldNotRun):
    """The archive's store does not answer, or refuses: see that it does and run again. Nothing is lost."""


class SessionLost(StoreUnusable):
    """PostgreSQL ended a session, or does not answer: a transaction may be begun again."""


class ArchiveDamaged(ThresherError):
    """A WARC file holds something that is no whole record, from ``offset`` on: see ``archive verify``."""

    def __init__(self, message: str, file: str, offset: int) -> None:
        super().__init__(f"{file} at {offset}: {message}")
        self.file = file
        self.offset = offset


class FetchError(ThresherError):
    """A page could not be fetched."""

    def __init__(self, message: str, url: str) -> None:
        super().__init__(f"{message} ({url})")
        self.url = url


class AddressForbidden(FetchError):
    """The address is outside the source's host and scheme, or private and not named by the operator."""


class RobotsForbidden(FetchError):
    """robots.txt forbids the address: it is not asked for."""


class Unreachable(FetchError):
    """No complete answer arrived, even after the retries. Later runs try again."""


class BodyRefused(FetchError):
    """The answer's body is cut short, larger than the caps, or in a coding that was not asked for."""


class StatusUnexpected(FetchError):
    """The site answered with a status that is no page."""

    def __init__(self, status: int, url: str) -> None:
        super().__init__(f"the site answered {status}", url)
        self.status = status


class BudgetReached(ThresherError):
    """What the operator lets a source be asked for is used up: the rest is left to a later run."""


class WorkerFailed(ThresherError):
    """Parsing the page took more time or memory than a page may, or ended its process."""

    def __init__(self, message: str, url: str) -> None:
        super().__init__(f"{message} ({url})")
        self.url = url
