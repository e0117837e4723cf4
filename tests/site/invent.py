"""Invented words, articles and days: as many as a test asks for, and the same ones every time.

Nothing is drawn at random: what is said follows from a number, by SHA-256, on every version of Python.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from tests.site.model import Article, Comment, Day
from tests.site.pieces import Aside, Body, Break, Gloss, Link, Note, Outlet, Piece, Text, film, paragraphs

WHO = (
    "The parish council", "A retired ferryman", "The allotment society", "The county surveyor",
    "A school choir", "The bridge warden", "The market committee", "A baker from the lower town",
    "The tram company", "The orchard keeper", "A visiting engineer", "The reading room",
)  # fmt: skip
DID = (
    "has voted to repaint", "will measure", "found moss on", "is raising money for", "photographed",
    "has asked for a second look at", "will open", "praised", "closed", "wrote a long letter about",
    "planted beans beside", "counted the visitors to",
)  # fmt: skip
WHAT = (
    "the iron footbridge", "the old lock", "the walled garden", "the weather station", "the north quay",
    "the municipal greenhouse", "the clock tower", "the towpath", "the bandstand", "the fish market",
    "the hillside allotments", "the reservoir",
)  # fmt: skip
WHEN = (
    "before the spring fair", "after a week of rain", "while the river is low", "for the third year running",
    "in time for the harvest", "at the request of two neighbours", "without any fuss",
    "with help from the sixth form", "as the minutes record", "although the budget is thin",
)  # fmt: skip
NAMES = (
    "Wren Halloway", "Old Tiller", "M. Pargeter", " Quince", "D'Arblay", "Ferry (ret.)", "osier",
    "Bramble_4", "Tess of the Locks", "Ludo", "Mrs. Applegarth", "north quay",
)  # fmt: skip
CATEGORIES = (
    "Bridges",
    "Gardens/Orchards/Hedges",
    "Home Front: Council",
    "-Signs of the Weather-",
    "Tea & Trade",
)
OUTLETS = ("Quay.Gazette", "HedgeRow", "Lower Town Weekly", "TowpathWire")
LABELS = ("Guild of Weeders", "", "Lock Keepers (LK)", "Board of Lamps")
SLANG = (
    ("greens", "vegetables"),
    ("brolly", "umbrella "),
    ("the big wet", "the river"),
    ("bods", "officials"),
)


def sentence(number: int) -> str:
    """An invented sentence; the same number gives the same words."""
    parts = (_pick(words, number, at) for at, words in enumerate((WHO, DID, WHAT, WHEN)))
    return f"{' '.join(parts)}."


def title(number: int) -> str:
    """An invented title."""
    return f"{_pick(WHO, number, 5)} {_pick(DID, number, 6)} {_pick(WHAT, number, 7)}"


def name(number: int) -> str:
    """An invented name of a reader; some begin with a blank, some hold signs."""
    return _pick(NAMES, number, 8)


def comment(number: int, *, posted: datetime, external_id: int) -> Comment:
    """An invented comment."""
    return Comment(
        external_id=str(external_id),
        author=name(number),
        posted=posted,
        body=(Text(sentence(number + 5_000)),),
    )


def body(number: int) -> Body:
    """An invented body of two to four paragraphs, with the site's additions in some."""
    slang, word = SLANG[number % len(SLANG)]
    extras: tuple[Body, ...] = (
        (Text("Nobody minded. "), Gloss(slang, word), Text(" were seen again.")),
        (Text("It rained. "), Aside("as it does on Tuesdays"), Text(" Work went on.")),
        (Text("A note was kept "), Note("The minutes are in the reading room."), Text("and filed.")),
        (film(), Break(), Text("The film is short.")),
        (Text("See "), Link(f"https://other.example/?n={number}&page=2", "the plan"), Text(".")),
    )
    opening: tuple[Piece, ...] = (Outlet(_pick(OUTLETS, number, 9)), Text(sentence(number)))
    plain = [sentence(number + 1_000 * more) for more in range(1, 2 + number % 2)]
    return paragraphs(opening, *plain, extras[number % len(extras)])


def article(number: int, *, section: int, category: str | None, day: date, external_id: int) -> Article:
    """An invented article without comments, posted in the first hours of its day."""
    words = title(number)
    return Article(
        external_id=str(external_id),
        section=section,
        category=category,
        title=words,
        link=f"https://news.example/{day:%Y/%m/%d}/{external_id}",
        posted_by=_pick(("Tiller", "Wick Farrow", "Osk", "Fen Reeve"), number, 10),
        posted=datetime.combine(day, time(number % 5, number * 7 % 60)),
        label=LABELS[number % len(LABELS)],
        views=3 + number * 11 % 90,
        body=body(number),
    )


def invented_day(
    day: date,
    *,
    articles: Mapping[int, int],
    comments: int = 0,
    first_article: int = 500_000,
    first_comment: int = 4_000_000,
) -> Day:
    """A day with so many articles in each section, and so many comments in all, spread unevenly.

    Ids begin where the caller says: articles take one each, comments more than one.
    """
    made: list[Article] = []
    for section, count in sorted(articles.items()):
        for place in range(count):
            number = len(made)
            category = CATEGORIES[place * len(CATEGORIES) // count]
            made.append(
                article(
                    number + day.toordinal() % 997,
                    section=section,
                    category=category,
                    day=day,
                    external_id=first_article + number,
                )
            )
    threads = _threads(made, comments, first_comment)
    return Day(day=day, articles=tuple(replace(a, comments=t) for a, t in zip(made, threads, strict=True)))


def _threads(articles: list[Article], comments: int, first_id: int) -> Iterator[tuple[Comment, ...]]:
    lengths = _spread(len(articles), comments)
    external_id = first_id
    for place, (above, length) in enumerate(zip(articles, lengths, strict=True)):
        thread: list[Comment] = []
        posted = above.posted
        for number in range(length):
            external_id += 1 + (place + number) % 5
            posted += timedelta(minutes=17 + 13 * ((place + number) % 11))
            thread.append(comment(place * 31 + number, posted=posted, external_id=external_id))
        yield tuple(thread)


def _spread(articles: int, comments: int) -> list[int]:
    """How many comments each article has; every fourth one has none, as long as others can take them."""
    spread = [0] * articles
    takers = [place for place in range(articles) if place % 4 != 3] or list(range(articles))
    for given in range(comments):
        spread[takers[_drawn(given, 11) % len(takers)]] += 1
    return spread


def _pick(words: tuple[str, ...], number: int, salt: int) -> str:
    return words[_drawn(number, salt) % len(words)]


def _drawn(number: int, salt: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{salt}:{number}".encode()).digest()[:4], "big")
