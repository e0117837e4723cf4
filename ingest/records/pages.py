"""The records that the store and the pipeline hand to one another about pages, captures and runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from schedules.plan import KnownArticle

State = Literal["pending", "leased", "done", "failed", "short", "unproven"]
"""``unproven``: all that the site shows is held, and the site does not say how much there is."""
RunOutcome = Literal["complete", "incomplete", "failed"]
"""All well; some pages failed or are short; could not run, or broke off."""


REDACTED = "redacted: "
"""What the error of a capture begins with whose body was taken out of the archive; the reason follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A number of articles and the number of comments below them."""

    articles: int
    comments: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(articles=self.articles + other.articles, comments=self.comments + other.comments)


NOTHING = Tally(articles=0, comments=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """One row of the ledger: the state of one section of one day.

    Counts are None until a page gives them. ``visited_at``: when a page of this section was last fetched;
    ``changed_at``: when anything on it last changed; ``full_at``: when it was last fetched without regard
    to what is known. When a state is put, None in these three and in ``capture_id`` keeps what is stored.
    """

    source: str
    day: date
    section: int
    state: State
    attempts: int = 0
    not_before: datetime | None = None
    last_error: str | None = None
    expected_articles: int | None = None
    held_articles: int | None = None
    expected_comments: int | None = None
    held_comments: int | None = None
    capture_id: int | None = None
    visited_at: datetime | None = None
    changed_at: datetime | None = None
    full_at: datetime | None = None

    @property
    def expected(self) -> Tally:
        """What the site says there is; a count that it never gave is none."""
        return Tally(articles=self.expected_articles or 0, comments=self.expected_comments or 0)

    @property
    def held(self) -> Tally:
        """What the store has."""
        return Tally(articles=self.held_articles or 0, comments=self.held_comments or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """The index entry of one stored response: its place, its identity, how it was parsed.

    ``digest`` is the SHA-256 (hex) of the decoded body; offset and length are those of the WARC member.
    The fields from ``encoding`` to ``error`` are None while the capture has not been parsed.
    ``payload_sha1`` is the WARC payload digest (base32) of the body as received, ``record_id`` the
    record's; ``refers_to`` is the capture whose body this one repeats (a revisit), or None.
    """

    run_id: int | None
    source: str
    url: str
    kind: str | None
    captured_at: datetime
    status: int
    digest: str
    content_type: str | None
    warc_file: str
    warc_offset: int
    warc_length: int
    framed: bool
    encoding: str | None = None
    encoding_from: str | None = None
    repaired: int | None = None
    replaced: int | None = None
    parser: str | None = None
    revision: int | None = None
    error: str | None = None
    payload_sha1: str | None = None
    record_id: str | None = None
    refers_to: int | None = None
    day: date | None = None
    """The day of the page; None while it has not been parsed."""

    @property
    def redacted(self) -> bool:
        """Whether the body was taken out of the archive: what it was loaded into stays."""
        return self.error is not None and self.error.startswith(REDACTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TiedCapture:
    """Another loaded capture of the same source and moment, which comes behind in the order of captures."""

    capture_id: int
    url: str
    day: date
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """A capture as the index knows it. ``original`` is the row of the capture that a revisit repeats.

    Captures have one order: moment, digest, address. ``behind`` are those of the same moment that come
    behind it.
    """

    capture_id: int
    row: CaptureRow
    original: CaptureRow | None = None
    behind: tuple[TiedCapture, ...] = ()

    @property
    def superseded(self) -> bool:
        """Whether one behind it shows the same rows: one of its address, or of its day and another kind."""
        row = self.row
        return any(
            tied.url == row.url or (tied.day == row.day and tied.kind != row.kind) for tied in self.behind
        )

    @property
    def catalogue_superseded(self) -> bool:
        """Whether one behind it is of its day."""
        return any(tied.day == self.row.day for tied in self.behind)

    @property
    def loaded(self) -> bool:
        """Whether a parser has read it, and what it read was written."""
        return self.row.parser is not None and self.row.error is None

    @property
    def redacted(self) -> bool:
        """Whether its body is gone, by its own redaction or by that of its original."""
        return self.row.redacted or (self.original is not None and self.original.redacted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A capture's place in its rewritten file; if redacted, the id of its stub and the reason."""

    offset: int
    length: int
    stub: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A full response that later ones may repeat, and how many do already."""

    capture_id: int
    row: CaptureRow
    revisits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run of a command. ``ended_at`` and ``outcome`` are None while it runs, or if it was killed."""

    run_id: int
    command: str
    source: str | None
    started_at: datetime
    ended_at: datetime | None
    outcome: RunOutcome | None
    counts: Mapping[str, int]
    version: str
    host: str
    pid: int
    error: str | None
    report: Mapping[str, object] | None = None
    """What a re-parse changed, field by field; None for other commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A kept capture that could not be parsed; ``field`` is the one that the error names, if it does."""

    capture_id: int
    source: str
    url: str
    error_kind: str
    error: str
    field: str | None
    failed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A capture that is put aside until it parses; ``failure`` is the newest of its failed attempts."""

    quarantine_id: int
    attempts: int
    first_failed_at: datetime
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The progress of a re-parse: the newest capture that it has finished, in the order of ``kept_after``."""

    scope: str
    """What was asked for: another scope begins anew."""
    captured_at: datetime
    capture_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptying:
    """A day shows none of its articles ``since`` then; at ``accepted_at`` the operator confirmed it."""

    since: datetime | None = None
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKnown:
    """What the store knows of a day: its live articles by id, its ledger rows by section.

    ``suppressed`` are the source's articles that were taken down: a headline among them asks for nothing.
    """

    source: str
    day: date
    articles: Mapping[str, KnownArticle]
    pages: Mapping[int, PageState]
    suppressed: frozenset[str]
    emptying: Emptying = Emptying()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A live article that has fewer or more live comments than its headline claimed."""

    source: str
    day: date
    section: int | None
    external_id: str
    title: str
    expected_comments: int
    held_comments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """What is held of one source, and how its runs went."""

    source: str
    articles_live: int
    articles_vanished: int
    comments_live: int
    comments_vanished: int
    pages: Mapping[State, int]
    threads: Mapping[State, int]
    last_run: RunRow | None
    last_success: RunRow | None
