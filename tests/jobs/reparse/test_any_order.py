"""Whatever order captures come in, and in whatever batches: what is held is a function of their set."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.pipeline import rebuild
from ingest.pipeline.load import load_again
from ingest.pipeline.rebuild import Rebuilder
from ingest.records.pages import CaptureRow, StoredCapture
from ingest.records.parse_input import ParseInput
from ingest.store import Store
from parsers.records import Article, Comment, ParsedPage, changed
from tests.kit import rows
from tests.kit.parsed import DAY, article, at, comment, comments_page, headline_of, section_page
from tests.kit.visits import capture_row

SECTION = "https://harbour.example/?D=05/04/2021&HC=1&SO="
TOMORROW = "https://harbour.example/?D=05/05/2021&HC=1&SO="
THREAD = "https://harbour.example/comments?ID=100"
SILENT = ("article.label", "article.views", "comment.external_id", "comment.html")
OTHER = article("101", section=2)
OF_TRIES = {"id", "attempts", "not_before"}
TABLES = ("articles", "article_versions", "comments", "comment_versions", "pages", "places")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A page and when it was captured; ``key`` is its place in the order of captures."""

    hours: int
    url: str
    page: ParsedPage

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.page).encode()).hexdigest()

    @property
    def key(self) -> tuple[int, str, str]:
        return self.hours, self.digest, self.url


@st.composite
def lives(draw: st.DrawFn, *, longest: int) -> tuple[Taken, ...]:
    """Captures of a day while its thread grows, is edited, thinned out, and gets back what it had lost."""
    fresh = count(1)
    thread: dict[int, Comment] = {}
    gone: dict[int, Comment] = {}
    for _ in range(draw(st.integers(0, 3))):
        _grow(draw, thread, next(fresh))
    taken: dict[tuple[int, str, str], Taken] = {}
    hours = 0
    for _ in range(draw(st.integers(2, longest))):
        _change(draw, thread, gone, fresh)
        hours += draw(st.sampled_from([0, 1, 1, 25]))
        one = _captured(draw, hours, _counted(thread))
        taken[one.key] = one
    return tuple(sorted(taken.values(), key=lambda one: one.key))


def _grow(draw: st.DrawFn, thread: dict[int, Comment], number: int) -> None:
    author, words = draw(st.sampled_from(["Ann", "Bob"])), draw(st.sampled_from(["aye", "nay"]))
    local = f"2021-05-04T07:{number // 2:02}"
    thread[number] = comment(str(number), number, author=author, text=words, posted_local=local)


def _change(
    draw: st.DrawFn, thread: dict[int, Comment], gone: dict[int, Comment], fresh: Iterator[int]
) -> None:
    what = draw(st.sampled_from(["add", "edit", "delete", "return", "nothing"]))
    if what == "add":
        _grow(draw, thread, next(fresh))
    elif what == "return" and gone:
        number = draw(st.sampled_from(sorted(gone)))
        thread[number] = gone.pop(number)
    elif what in {"edit", "delete"} and thread:
        number = draw(st.sampled_from(sorted(thread)))
        if what == "edit":
            thread[number] = changed(thread[number], text=draw(st.sampled_from(["softened", "sharper"])))
        else:
            gone[number] = thread.pop(number)


def _counted(thread: Mapping[int, Comment]) -> list[Comment]:
    return [changed(thread[key], number=number) for number, key in enumerate(sorted(thread), start=1)]


def _captured(draw: st.DrawFn, hours: int, thread: list[Comment]) -> Taken:
    kind = draw(
        st.sampled_from(
            ["section", "section", "cut", "none", "empty", "empty", "thread", "nameless", "tomorrow"]
        )
    )
    title = draw(st.sampled_from(["Boat", "Ship"]))
    if kind == "thread":
        return Taken(hours=hours, url=THREAD, page=comments_page(_of(thread, title), url=THREAD))
    if kind == "nameless":
        nameless = [changed(one, external_id=None) for one in thread]
        page = comments_page(_of(nameless, title, label=None, views=None), SILENT, url=THREAD)
        return Taken(hours=hours, url=THREAD, page=page)
    if kind == "tomorrow":
        both = [_of(thread, title, date=DAY + timedelta(days=1))] if draw(st.booleans()) else []
        page = section_page(both, url=TOMORROW, date=DAY + timedelta(days=1))
        return Taken(hours=hours, url=TOMORROW, page=page)
    if kind == "empty":
        return Taken(hours=hours, url=SECTION, page=section_page([], sections={1: 0, 2: 0}))
    if kind == "none":
        shown: list[Article] = [article("102")]
    else:
        shown = [_of(thread, title)]
    page = section_page(shown, others=[headline_of(OTHER)], truncated=kind == "cut")
    return Taken(hours=hours, url=SECTION, page=page)


def _of(thread: Iterable[Comment], title: str, **fields: Any) -> Article:
    return article("100", thread, title=title, **fields)


class Desk:
    """A store into which captures are loaded as harvest and import do."""

    def __init__(self, template: Path, folder: Path, name: str, captures: Sequence[Taken]) -> None:
        self._url = str(folder / f"{name}.sqlite3")
        shutil.copy(template, self._url)
        self._store = Store.open(self._url, upgrade=False)
        self._pages = {one.key: one.page for one in captures}
        self._offsets = count()

    def load(self, batches: Iterable[Sequence[Taken]]) -> None:
        rebuilder = Rebuilder("harbour", Path("nowhere"), lambda question: self._page(question.body))
        for batch in batches:
            with self._store.transaction() as transaction:
                for one in batch:
                    rebuilder.load(transaction, one.page, self._row(one))
                rebuilder.finish(transaction)

    def reparse_all(self) -> None:
        for stored in self._store.captures.kept_after("harbour", None, 1_000):
            with self._store.transaction() as transaction:
                load_again(transaction, self._pages[key_of(stored.row)], stored)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_of_error: object) -> None:
        self._store.close()
        Path(self._url).unlink()

    def _page(self, body: bytes) -> ParsedPage:
        return next(page for key, page in self._pages.items() if body_of(key) == body)

    def _row(self, one: Taken) -> CaptureRow:
        return capture_row(
            next(self._offsets), url=one.url, captured_at=at(one.hours), digest=one.digest, kind=None
        )

    @property
    def rows(self) -> dict[str, list[str]]:
        """Every row by natural keys, captures by their names; without how often a page was tried."""
        held = {name: rows.table(self._url, name) for name in (*TABLES, "captures")}
        captures = {row["id"]: (row["url"], row["captured_at"], row["digest"]) for row in held["captures"]}
        articles = {row["id"]: row["external_id"] for row in held["articles"]}
        comments = {
            row["id"]: (articles[row["article_id"]], row["external_id"], row["first_seen_at"], row["text"])
            for row in held["comments"]
        }
        names = {"capture_id": captures, "article_id": articles, "comment_id": comments}
        return {
            table: sorted(
                str({key: _named(names, key, value) for key, value in row.items() if key not in OF_TRIES})
                for row in held[table]
            )
            for table in TABLES
        }


def _named(names: Mapping[str, Mapping[Any, object]], column: str, value: object) -> object:
    return names[column].get(value) if column in names else value


def key_of(row: CaptureRow) -> tuple[int, str, str]:
    return round((row.captured_at - at(0)).total_seconds() / 3600), row.digest, row.url


def body_of(key: tuple[int, str, str]) -> bytes:
    return repr(key).encode()


def read(stored: StoredCapture, _folder: Path) -> ParseInput:
    """In place of the archive: the body names its capture."""
    row, body = stored.row, body_of(key_of(stored.row))
    return ParseInput(
        source=row.source, body=body, url=row.url, captured_at=row.captured_at, content_type=None
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: to make one takes longer than to fill it."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    Store.open(str(path)).close()
    return path


@pytest.fixture(scope="module")
def new_desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    folder, numbers = tmp_path_factory.mktemp("desks"), count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuild, "of_stored", read)
        yield lambda captures: Desk(template, folder, f"desk{next(numbers)}", captures)


def cut(captures: Sequence[Taken], ends: Iterable[int]) -> list[Sequence[Taken]]:
    """The captures in batches that end behind these places."""
    places = sorted({0, len(captures), *(end for end in ends if end < len(captures))})
    return [captures[start:end] for start, end in pairwise(places)]


def differing(rows: Mapping[str, list[str]], others: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The rows that only one side has, by table."""
    found = {table: sorted(set(rows[table]) ^ set(others[table])) for table in TABLES}
    return {table: odd for table, odd in found.items() if odd}


def check(new_desk: Callable[..., Desk], captures: tuple[Taken, ...], data: st.DataObject) -> None:
    order = data.draw(st.permutations(captures), label="order")
    ends = data.draw(st.sets(st.integers(1, 9)), label="batches")
    with new_desk(captures) as in_order, new_desk(captures) as shuffled:
        in_order.load([one] for one in captures)
        shuffled.load(cut(order, ends))
        assert differing(shuffled.rows, in_order.rows) == {}
        in_order.reparse_all()
        once = in_order.rows
        in_order.reparse_all()
        assert differing(in_order.rows, once) == {}
        shuffled.reparse_all()
        assert differing(shuffled.rows, once) == {}


@pytest.mark.long
def test_an_empty_page_behind_one_of_its_moment_stays_the_newest(new_desk: Callable[..., Desk]) -> None:
    none = section_page([], sections={1: 0, 2: 0})
    behind = Taken(hours=0, url=SECTION, page=none)
    full = (
        section_page([article("100", title=title)], others=[headline_of(OTHER)])
        for title in ("Boat", "Ship", "Raft", "Barge", "Canoe", "Dinghy", "Ferry", "Galley")
    )
    ahead = (Taken(hours=0, url=SECTION, page=page) for page in full)
    captures = [next(one for one in ahead if one.key < behind.key), behind]
    with new_desk(captures) as in_order, new_desk(captures) as reversed_order:
        in_order.load([one] for one in captures)
        reversed_order.load([one] for one in reversed(captures))
        in_order.reparse_all()
        reversed_order.reparse_all()
        assert differing(reversed_order.rows, in_order.rows) == {}


@pytest.mark.long
def test_two_days_that_show_one_article_at_the_same_moment(new_desk: Callable[..., Desk]) -> None:
    thread = [comment("2", 1)]
    tomorrow = DAY + timedelta(days=1)
    today_page = section_page([article("100", title="Boat")], others=[headline_of(OTHER)])
    for title in ("Ship", "Boat2"):  # once the one, once the other comes first by its digest
        moved = section_page(
            [article("100", thread, title=title, date=tomorrow)], url=TOMORROW, date=tomorrow
        )
        captures = [Taken(hours=0, url=SECTION, page=today_page), Taken(hours=0, url=TOMORROW, page=moved)]
        with new_desk(captures) as one_order, new_desk(captures) as other_order:
            one_order.load([one] for one in captures)
            other_order.load([one] for one in reversed(captures))
            assert differing(other_order.rows, one_order.rows) == {}
            one_order.reparse_all()
            other_order.reparse_all()
            assert differing(other_order.rows, one_order.rows) == {}


QUICK = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LARGE = settings(QUICK, max_examples=1_000, derandomize=False)


@pytest.mark.long
@QUICK
@given(captures=lives(longest=6), data=st.data())
def test_rows_versions_and_ledger_do_not_depend_on_the_order(
    new_desk: Callable[..., Desk], captures: tuple[Taken, ...], data: st.DataObject
) -> None:
    check(new_desk, captures, data)


@pytest.mark.full
@pytest.mark.timeout(3_600)
@LARGE
@given(captures=lives(longest=12), data=st.data())
def test_the_same_of_many_and_longer_lives(
    new_desk: Callable[..., Desk], captures: tuple[Taken, ...], data: st.DataObject
) -> None:
    check(new_desk, captures, data)
