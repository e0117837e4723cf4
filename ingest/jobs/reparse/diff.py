"""What a re-parse changes, field by field, with samples. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from ingest.archive.archive_file import ArchiveFile
from ingest.decide.changes.content import ArticleContent, CommentContent, ContentT
from ingest.decide.changes.model import Changes, RowChanges, Stored, StoredRow
from ingest.pipeline.loaded import Loaded
from ingest.records.counts import Counts
from ingest.records.json_output import instant
from ingest.records.outcome import as_dict, row_counts, total
from ingest.records.pages import Failure, RunOutcome

SAMPLES = 3
LONGEST = 200
FAILURES = 20
"""How many samples of a field, characters of a value and failures a report shows."""

OfFiles = Counter[tuple[ArchiveFile, bool]]
"""How many pages of each file of others were read, and how many were not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One row's field before and after. ``comment`` is None for a field of the article."""

    article: str
    comment: str | None
    before: str | int | None
    after: str | int | None


@dataclass(slots=True)
class FieldChange:
    """A field, as ``comment.text``: how many rows change in it, and the first of them."""

    name: str
    rows: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReparseReport:
    """A run added up. ``unreadable`` captures have no whole record in the archive.

    ``taken_in`` are those of files that were not held before.
    """

    command: str
    source: str
    run_id: int
    diff: bool
    resumed: bool
    looked: int
    parsed: int
    quarantined: int
    unreadable: int
    taken_in: int
    articles: Counts
    comments: Counts
    fields: tuple[FieldChange, ...]
    failures: tuple[Failure, ...]
    seconds: float
    of_files: OfFiles

    @property
    def exit_code(self) -> int:
        """0 all well; 1 some pages could not be parsed or read."""
        return 1 if self.quarantined or self.unreadable else 0

    @property
    def run_outcome(self) -> RunOutcome:
        """What the run's row says."""
        return "incomplete" if self.exit_code else "complete"

    def counts(self) -> dict[str, int]:
        """The numbers that are kept with the run."""
        return self.captures() | row_counts(self.articles, self.comments)

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints and the run keeps."""
        return {
            "command": self.command,
            "source": self.source,
            "run": self.run_id,
            "diff": self.diff,
            "resumed": self.resumed,
            "outcome": self.run_outcome,
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
            "captures": self.captures(),
            "taken_in": self.taken_in,
            "articles": as_dict(self.articles),
            "comments": as_dict(self.comments),
            "fields": [_field_json(change) for change in self.fields],
            "failures": [failure_json(failure) for failure in self.failures],
        }

    def captures(self) -> dict[str, int]:
        """How many captures ended in which way."""
        return {
            "looked": self.looked,
            "parsed": self.parsed,
            "quarantined": self.quarantined,
            "unreadable": self.unreadable,
        }


class Difference:
    """Adds pages up. ``once`` counts a row's field and a new row only once: for pages that are taken back."""

    def __init__(self, *, once: bool) -> None:
        self._met: set[tuple[str, ...]] | None = set() if once else None
        self._fields: dict[str, FieldChange] = {}
        self.articles = Counts()
        self.comments = Counts()

    def add(self, loaded: Loaded) -> None:
        """Take one page's changes in."""
        changes, held = loaded.changes, loaded.held
        self.articles = total((self.articles, self._counted("article", changes.articles)))
        self.comments = total((self.comments, self._counted("comment", changes.comments)))
        for name, sample in _samples(changes, held):
            if self._is_first(name, sample.article, sample.comment or ""):
                change = self._fields.setdefault(name, FieldChange(name))
                change.rows += 1
                if len(change.samples) < SAMPLES:
                    change.samples.append(sample)

    def add_unchanged(self, articles: Counts, comments: Counts) -> None:
        """Take a page in that changes nothing."""
        self.articles = total((self.articles, articles))
        self.comments = total((self.comments, comments))

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The fields that change, by name."""
        return tuple(self._fields[name] for name in sorted(self._fields))

    def _counted(self, table: str, rows: RowChanges[ContentT]) -> Counts:
        if self._met is None:
            return rows.counts
        new = sum(
            self._is_first(f"{table}:new", one.article, one.external_id or one.digest) for one in rows.new
        )
        counts = {item.name: getattr(rows.counts, item.name) for item in fields(Counts)}
        return Counts(**{**counts, "new": new})

    def _is_first(self, *key: str) -> bool:
        if self._met is None:
            return True
        known = key in self._met
        self._met.add(key)
        return not known


def failure_json(failure: Failure) -> dict[str, object]:
    """A failure as ``--json`` prints it."""
    columns = {item.name: getattr(failure, item.name) for item in fields(Failure)}
    return {**columns, "failed_at": instant(failure.failed_at)}


def _samples(changes: Changes, held: Stored) -> Iterator[tuple[str, Sample]]:
    articles = {known.row.row_id: known.row for known in held.articles.values()}
    for row, name, before, after in _rewritten(changes.articles, articles):
        yield f"article.{name}", _sample(str(row.external_id), None, before, after)
    owners = {row.row_id: key for key, known in held.articles.items() for row in known.comments}
    comments = {row.row_id: row for known in held.articles.values() for row in known.comments}
    for comment, name, before, after in _rewritten(changes.comments, comments):
        shown = comment.external_id or f"#{comment.content.number}"
        yield f"comment.{name}", _sample(owners[comment.row_id], shown, before, after)
    yield from _numbers(changes, held)


def _rewritten(
    rows: RowChanges[ContentT], held: Mapping[int, StoredRow[ContentT]]
) -> Iterator[tuple[StoredRow[ContentT], str, object, object]]:
    for one in rows.rewritten:
        row = held[one.row_id]
        if one.external_id != row.external_id:
            yield row, "external_id", row.external_id, one.external_id
        for name in _names(row.content):
            before, after = getattr(row.content, name), getattr(one.content, name)
            if before != after:
                yield row, name, before, after


def _numbers(changes: Changes, held: Stored) -> Iterator[tuple[str, Sample]]:
    for read in changes.views:
        if (known := held.articles.get(read.article)) is not None:
            yield "article.views", _sample(read.article, None, known.views, read.views)
    for claim in changes.claims:
        if (known := held.articles.get(claim.article)) is not None:
            yield "article.claimed_comments", _sample(claim.article, None, known.claimed, claim.comments)


def _names(content: ArticleContent | CommentContent) -> tuple[str, ...]:
    return tuple(item.name for item in fields(content))


def _sample(article: str, comment: str | None, before: object, after: object) -> Sample:
    return Sample(article=article, comment=comment, before=_shown(before), after=_shown(after))


def _shown(value: object) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return instant(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _field_json(change: FieldChange) -> dict[str, object]:
    samples = [{item.name: getattr(one, item.name) for item in fields(Sample)} for one in change.samples]
    return {"field": change.name, "rows": change.rows, "samples": samples}
