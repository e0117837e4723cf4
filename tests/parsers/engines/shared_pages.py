"""Real pages of strangers beside the project, read in place; none of them is part of it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from parsers.engines.raw import RawPage
from parsers.engines.records import EnginePage
from tests.parsers.engines.cases import reader_of

ROOT = Path(__file__).parents[4] / "shared" / "pages"
INDEX = ROOT / "pages.jsonl"

WORDPRESS_ID = re.compile(r"<(?:li|div|article)\b[^>]*\bid=[\"']?(?:li-|div-|dsq-)?comment-([0-9]+)[\"'\s>]")
CRAWLER_POST = re.compile(r"\bid=[\"']?post_([0-9]+)[\"'\s>]")
XENFORO_2_POST = re.compile(r"<article\b[^>]*\bid=[\"']?js-post-([0-9]+)[\"'\s>]")
FORA_POST = re.compile(r"<div\b[^>]*\bid=[\"']?js-post-([0-9]+)[\"'\s>]")
XENFORO_1_POST = re.compile(r"<li\b[^>]*\bid=[\"']?post-([0-9]+)[\"'\s>]")
MARKUP_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

Counter = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPage:
    """One page with its kind, the function that reads it, and a count that no tree had a part in."""

    name: str
    kind: str
    url: str
    read: Callable[[RawPage], EnginePage]
    count: Counter

    @property
    def raw(self) -> RawPage:
        """The page as it was kept: without headers."""
        return RawPage((ROOT / self.name).read_bytes(), self.url)

    def counted(self) -> int:
        """How many comments the source text has."""
        return self.count(MARKUP_COMMENT.sub("", self.raw.text))


def distinct(pattern: re.Pattern[str]) -> Counter:
    """How many different ids a pattern finds."""
    return lambda text: len(set(pattern.findall(text)))


def posts_in_json(text: str) -> int:
    """How many posts a topic's JSON holds."""
    return len(json.loads(text)["post_stream"]["posts"])


READERS: dict[str, tuple[str, str, Counter]] = {
    "wordpress-classic": ("wordpress", "read_html", distinct(WORDPRESS_ID)),
    "wordpress-html5": ("wordpress", "read_html", distinct(WORDPRESS_ID)),
    "wordpress-div": ("wordpress", "read_html", distinct(WORDPRESS_ID)),
    "discourse": ("discourse", "read_html", distinct(CRAWLER_POST)),
    "discourse-json": ("discourse", "read_topic", posts_in_json),
    "xenforo": ("xenforo", "read_thread", distinct(XENFORO_2_POST)),
    "xenforo1": ("xenforo", "read_thread", distinct(XENFORO_1_POST)),
    "xenforo2": ("xenforo", "read_thread", distinct(XENFORO_2_POST)),
    "xenforo2-fora": ("xenforo", "read_thread", distinct(FORA_POST)),
}


def shared_pages() -> Iterator[SharedPage]:
    """Every page of these engines; none where the folder is absent."""
    if not INDEX.exists():
        return
    for line in INDEX.read_text("utf-8").splitlines():
        entry = json.loads(line)
        kind = entry["path"].partition("/")[0]
        engine, function, count = READERS[kind]
        yield SharedPage(
            name=entry["path"],
            kind=kind,
            url=entry["url_if_known"] or "",
            read=reader_of(engine, function),
            count=count,
        )
