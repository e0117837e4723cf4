"""Draws the console's main pages for the README: ``python -m tests.console.screenshots docs/console``."""

import random
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from tests.console.chromium import chromium, console_at, found
from tests.console.held import DAY, HOUR, NOON, SOURCE, Held, filled
from tests.kit.fakes import FakeClock

PAGES = {
    "overview": ("/", 690),
    "coverage": (f"/coverage?source={SOURCE}", 480),
    "thread": (f"/thread?source={SOURCE}&id=7", 760),
    "people": ("/people?author=Quince", 640),
    "search": ("/search?words=lock", 640),
}
WIDTH = 1000
NAMES = ("Quince", "Old Tiller", "Fen Reeve", "Bramble", "Wren Halloway", "Osier")
WHAT = ("the old lock", "the fish market", "the north quay", "the weir", "the bandstand")
WHO = (
    "The parish council",
    "A school choir",
    "The orchard keeper",
    "The county surveyor",
    "A retired ferryman",
)
DID = ("will measure", "has voted to repaint", "counted the visitors to", "photographed", "will open")
UNEVEN = {19: "short", 41: "failed", 77: "unproven", 78: "unproven", 130: "short", 131: "pending"}


def invented(folder: Path) -> Held:
    """More than a year of days, some of them uneven, and threads by a few people."""
    held, chance = filled(folder), random.Random(7)
    for before in range(1, 420):
        day = DAY - timedelta(days=before)
        if day == date(2017, 12, 30):
            continue
        articles, comments = chance.randint(14, 26), chance.randint(50, 130)
        state = UNEVEN.get(before, "done")
        counts = {"expected_articles": articles, "held_articles": articles}
        held.page(
            day, state, **counts, expected_comments=comments, held_comments=comments - 3 * (state == "short")
        )
    for number in range(20, 70):
        day = DAY - timedelta(days=9 * (number - 20))
        title = f"{chance.choice(WHO)} {chance.choice(DID)} {chance.choice(WHAT)}"
        rows = [
            {
                "author": chance.choice(NAMES),
                "text": f"{chance.choice(WHO)} {chance.choice(DID)} {chance.choice(WHAT)} this spring.",
                "posted_local": f"{day}T0{hour}:15",
                "posted_at": NOON - timedelta(days=9 * (number - 20)) + hour * HOUR,
            }
            for hour in range(1, 6)
        ]
        held.article(number, rows, date=day, title=title, text=f"{title}. It was put off twice.")
    return held


def main(folder: Path) -> None:
    """One picture a page."""
    program = found()
    if program is None:
        sys.exit("there is no chromium on the PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        held = invented(Path(scratch))
        clock = FakeClock(NOON + 3 * HOUR)
        with console_at(str(held.path), Path(scratch), clock) as origin, chromium(program) as browser:
            for name, (address, height) in PAGES.items():
                page = browser.new_page(viewport={"width": WIDTH, "height": height})
                page.goto(origin + address)
                page.evaluate(
                    "document.querySelectorAll('main .quiet').forEach(one => {"
                    "if (one.textContent.startsWith('sqlite')) one.textContent = 'sqlite:///thresher.sqlite3'})"
                )
                page.eval_on_selector_all(".versions", "all => all.forEach(one => one.open = true)")
                page.screenshot(path=folder / f"{name}.png")
                page.close()
        held.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
