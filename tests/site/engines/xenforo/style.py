"""How a board prints: its addresses, numbers and times, in three languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Literal
from zoneinfo import ZoneInfo

from tests.site.engines.xenforo.model import Board, Post, Thread, slug_of

Language = Literal["en-US", "de-DE", "ar"]
Times = Literal["offset", "unix", "words"]
MONTHS: dict[Language, tuple[str, ...]] = {
    "en-US": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "de-DE": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
        *("August", "September", "Oktober", "November", "Dezember"),
    ),
    "ar": (
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو"),
        *("أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
}
SEPARATORS: dict[Language, str] = {"en-US": ",", "de-DE": ".", "ar": "\u066c"}
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SHORTENED_FROM = 1_000
JOINED = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
"""When everybody joined: a time beside a post that is not the post's own."""

NO_COUNT = "\u2013"
"""What a listing prints for an address that is left of a merged thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the pages of both versions need to know of their server."""

    board: Board
    url: str
    prefix: str
    language: Language
    times: Times
    json_ld: bool
    short_counts: bool

    def forum_url(self, node_id: int, page: int = 1) -> str:
        """The address of a forum's page."""
        return self._address(f"forums/{slug_of(self.board.nodes[node_id].title, node_id)}/", page)

    def thread_url(self, thread: Thread, page: int = 1) -> str:
        """The address of a thread's page."""
        return self._address(f"threads/{slug_of(thread.title, thread.id)}/", page)

    def number(self, count: int) -> str:
        """A number with the language's separators and digits."""
        printed = f"{count:,}".replace(",", SEPARATORS[self.language])
        return printed.translate(ARABIC_DIGITS) if self.language == "ar" else printed

    def count(self, count: int) -> str:
        """A count of a listing, which may be shortened: it is near, then, and proves nothing."""
        if self.short_counts and count >= SHORTENED_FROM:
            return f"{count // SHORTENED_FROM}K"
        return self.number(count)

    def words(self, moment: datetime) -> tuple[str, str]:
        """The day and the time of day as readers see them."""
        local = self.board.local(moment)
        month = MONTHS[self.language][local.month - 1]
        if self.language == "de-DE":
            return f"{local.day}. {month} {local.year}", f"{local:%H:%M} Uhr"
        hour = f"{local.hour % 12 or 12}:{local:%M}"
        if self.language == "ar":
            day = f"{local.day} {month} {local.year}".translate(ARABIC_DIGITS)
            return day, f"{hour.translate(ARABIC_DIGITS)} {'ص' if local.hour < 12 else 'م'}"
        return f"{month} {local.day}, {local.year}", f"{hour} {'AM' if local.hour < 12 else 'PM'}"

    def title(self, moment: datetime) -> str:
        """Both in one."""
        joint = {"en-US": " at ", "de-DE": " um ", "ar": " في "}[self.language]
        return joint.join(self.words(moment))

    def iso(self, moment: datetime) -> str:
        """``2024-10-08T05:58:20-0500``."""
        return f"{moment.astimezone(ZoneInfo(self.board.zone)):%Y-%m-%dT%H:%M:%S%z}"

    def _address(self, path: str, page: int) -> str:
        return f"{self.url}{self.prefix}{path}{f'page-{page}' if page > 1 else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One page of a thread or a forum: its number, how many there are, and where the first item stands.

    ``older``: a forum leaves out what is older, and links to it.
    """

    page: int
    pages: int
    first: int
    older: bool = False


def unix(moment: datetime) -> int:
    """Seconds since 1970."""
    return int(moment.astimezone(UTC).timestamp())


def body(post: Post) -> str:
    """The words of a post as markup, as lines that are broken."""
    return "<br />\n".join(escape(part, quote=False) for part in post.text.split("\n\n"))


def numbered(posts: Sequence[Post], shown: Shown) -> list[tuple[int, Post]]:
    """The posts of a page with their numbers."""
    return list(enumerate(posts, start=shown.first))


def near(shown: Shown) -> list[int]:
    """The pages that a navigation links: the first, the last, and those beside this one."""
    wanted = {1, shown.pages, *range(shown.page - 2, shown.page + 3)}
    return sorted(page for page in wanted if 1 <= page <= shown.pages)
