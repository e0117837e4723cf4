"""One page read by us and by others, the same fields; and pages with 1,000 and 10,000 articles."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from sys import executable
from typing import Any

from tests.bench import peer_environment
from tests.bench.contender import Contender, write_pages
from tests.bench.options import Options
from tests.bench.processes import NO_HEAP_BACK, environment
from tests.bench.rows import Cost, Row, compared
from tests.site.invent import invented_day
from tests.site.render import encoded, section_page
from tests.site.truth import section_answer

ARTICLES = {1: 16, 2: 18, 3: 15, 4: 6, 6: 4}
COMMENTS = 215
DAYS = (date(2004, 2, 29), date(2011, 10, 6), date(2018, 3, 23), date(2024, 7, 1))
SECTIONS = (1, 2, 3)
BLOCKS = (1_000, 10_000)
TREE = "bare tree"
OURS = {TREE: "tests.bench.tree", "thresher": "tests.bench.ours"}
PEERS = {
    "lxml": "tests.bench.peers.rantburg_lxml",
    "parsel": "tests.bench.peers.rantburg_parsel",
    "BeautifulSoup": "tests.bench.peers.rantburg_soup",
}
ALSO = {"thresher": {"also": "html of every body, damage named"}}
SAID = ("date", "articles", "headlines", "counters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A page whose truth is known without any parser."""

    url: str
    body: bytes
    truth: Mapping[str, Any]


class Disagreement(Exception):
    """A reader does not say what the page says: its cost would be that of something else."""


def measure(options: Options) -> Iterator[Row]:
    """Section pages of 107 to 125 kB with about 55 comments and 59 headlines."""
    pages = section_pages()
    readers = OURS | (PEERS if peer_environment.are_installed() else {})
    with ExitStack() as stack:
        contenders = started(stack, readers, options.folder / "parse", pages)
        for who in readers.keys() - {TREE}:
            agree(who, contenders[who], pages)
        every = range(len(pages))
        rounds = [costs(contenders, every) for _ in range(options.times(21))]
    size = sum(len(page.body) for page in pages) // len(pages)
    case = f"section page of {size / 1e3:.0f} kB"
    yield from compared("parse", case, rounds, beside=TREE, unit="page", figures=ALSO)


def measure_growth(options: Options) -> Iterator[Row]:
    """Both pages by each reader but the slowest; the ratio is that of ten times the articles."""
    blocks = (100, 1_000) if options.quick else BLOCKS
    pages = [page_of(count) for count in blocks]
    readers = OURS | (
        {name: PEERS[name] for name in ("lxml", "parsel")} if peer_environment.are_installed() else {}
    )
    with ExitStack() as stack:
        contenders = started(stack, readers, options.folder / "linear", pages)
        for who in readers.keys() - {TREE}:
            agree(who, contenders[who], pages[:1])
        rounds = [[costs(contenders, [page]) for page in range(2)] for _ in range(options.times(3))]
    names = [f"{count:,} articles" for count in blocks]
    for who in readers:
        pairs = [dict(zip(names, (one[who] for one in both), strict=True)) for both in rounds]
        _, grown = compared("linear", f"{names[1]} in one page", pairs, beside=names[0], unit="page")
        yield replace(grown, who=who)


def section_pages(days: Sequence[date] = DAYS) -> list[Known]:
    """Three sections of each day."""
    made: list[Known] = []
    for place, day in enumerate(days):
        shown = invented_day(
            day,
            articles=ARTICLES,
            comments=COMMENTS + 10 * place,
            first_article=400_000 + 1_000 * place,
            first_comment=3_000_000 + 9_000 * place,
        )
        made += [known(shown, section) for section in SECTIONS]
    return made


def page_of(articles: int) -> Known:
    """A page with so many articles, and a comment for each."""
    shown = invented_day(DAYS[0], articles={1: articles}, comments=articles)
    return known(shown, 1)


def known(day: Any, section: int) -> Known:
    """The page of a section, and its truth."""
    url = f"http://www.rantburg.com/?D={day.day:%m/%d/%Y}&HC={section}&SO="
    truth = section_answer(day, section, url=url)
    return Known(
        url=url, body=encoded(section_page(day, section)), truth={name: truth[name] for name in SAID}
    )


def started(
    stack: ExitStack, readers: Mapping[str, str], folder: Path, pages: Sequence[Known]
) -> dict[str, Contender]:
    """A process for each reader, which gives no memory back between pages."""
    write_pages(folder, [(page.body, page.url) for page in pages])
    env = environment(folder, NO_HEAP_BACK)
    return {
        who: stack.enter_context(
            Contender(Path(executable) if who in OURS else peer_environment.PYTHON, module, folder, env)
        )
        for who, module in readers.items()
    }


def agree(who: str, contender: Contender, pages: Sequence[Known]) -> None:
    """Pass if every page is read as it is.

    Raises:
        Disagreement: it is not.
    """
    for number, page in enumerate(pages):
        answer = contender.ask("answer", number)
        if answer != page.truth:
            wrong = [name for name in SAID if answer[name] != page.truth[name]]
            raise Disagreement(f"{who} reads other {', '.join(wrong)} in {page.url}")


def costs(contenders: Mapping[str, Contender], pages: Sequence[int]) -> dict[str, Cost]:
    """The mean cost of a page for each; one after the other, every one through all pages as a worker does."""
    return {
        who: Cost(**contender.ask("cost", *pages)).each(len(pages)) for who, contender in contenders.items()
    }
