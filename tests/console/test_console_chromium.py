"""The console in a real browser: nothing hostile acts, nothing leaves the origin, axe-core finds nothing."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.console.chromium import chromium, console_at, found
from tests.console.held import DAY, HOUR, NOON, SOURCE, Held, filled
from tests.console.payloads import PAYLOADS
from tests.kit.fakes import FakeClock

axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
PROGRAM = found()
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PROGRAM is None, reason="there is no chromium on the PATH"),
]
FIRST = 100
ACTIVE = (
    "script, iframe, object, embed, img, image, video, audio, base, style, meta[http-equiv], [autofocus],"
    "[style], link:not([href='/static/console.css']), form[action*=evil]"
)
HANDLERS = """
[...document.querySelectorAll('*')]
    .flatMap(one => one.getAttributeNames()).filter(name => name.startsWith('on'))
"""
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    assert PROGRAM is not None
    with chromium(PROGRAM) as browser:
        yield browser


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    held = filled(tmp_path)
    yield held
    held.close()


@pytest.fixture
def origin(held: Held, tmp_path: Path) -> Iterator[str]:
    with console_at(str(held.path), tmp_path / "archive", FakeClock(NOON + 3 * HOUR)) as origin:
        yield origin


def hostile(held: Held) -> list[str]:
    """An article for each of them, which stands everywhere in it; the pages that show it."""
    addresses = [
        f"/day?source={SOURCE}&day={DAY}",
        "/people",
        "/quarantine",
        "/search?words=hit",
        "/",
        "/coverage",
    ]
    for number, payload in enumerate(PAYLOADS, FIRST):
        words = {"author": payload, "text": payload, "html": f"<p>{payload}</p>"}
        held.article(
            number,
            [words, {**words, "html": None, "parent_external_id": f"{number}1"}],
            **dict.fromkeys(
                ("title", "link", "posted_by", "section_name", "category", "label", "text", "outlet"), payload
            ),
            html=payload,
            text_original=f"{payload} {payload}",
        )
        held.comment_version(number, 1, text=f"{payload} once", author=f"{payload} once")
        held.article_version(number, title=f"{payload} once", link=f"{payload} once")
        addresses += [
            f"/thread?source={SOURCE}&id={number}&order=tree&as=original",
            f"/thread?source={SOURCE}&id={number}",
            f"/people?author={quote(payload)}",
        ]
    held.quarantined(
        id=6, capture_id=1, error=PAYLOADS[0], field=PAYLOADS[6], error_kind=PAYLOADS[9], url=PAYLOADS[30]
    )
    return addresses


def test_there_are_42_payloads() -> None:
    assert len(set(PAYLOADS)) == 42


@pytest.mark.timeout(600)
def test_nothing_hostile_acts_and_no_request_leaves_the_origin(
    held: Held, origin: str, browser: object
) -> None:
    addresses = hostile(held)
    page = browser.new_page()  # type: ignore[attr-defined]
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for address in addresses:
        answer = page.goto(origin + address)
        assert answer.status == 200, address
        assert page.url == origin + address
        assert page.evaluate("window.hit === undefined || window.hit instanceof Element"), address
        assert page.locator(ACTIVE).count() == 0, address
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.protocol)")
        assert set(links) <= {"http:", "https:"}, address
        attributes = page.evaluate(HANDLERS)
        assert attributes == [], address
    assert dialogs == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(origin).netloc}
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 375])
@pytest.mark.timeout(300)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    held: Held, origin: str, browser: object, scheme: str, width: int
) -> None:
    context = browser.new_context(  # type: ignore[attr-defined]
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for address in (
        "/",
        f"/coverage?source={SOURCE}",
        f"/day?source={SOURCE}&day=2018-03-25",
        f"/day?source={SOURCE}&day={DAY}",
        f"/thread?source={SOURCE}&id=7",
        f"/thread?source={SOURCE}&id=7&order=tree",
        "/people",
        "/people?author=Quince",
        "/search?words=weir",
        "/quarantine",
        "/diff",
        "/capture?id=1",
        "/login",
        "/nix",
    ):
        page.goto(origin + address)
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        results = axe_playwright.Axe().run(page, options=AXE)
        assert results.response["violations"] == [], f"{address}\n{results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert [words for words in said if "Content Security Policy" in words] == []
    context.close()


def test_the_keyboard_is_enough(origin: str, browser: object) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{origin}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{origin}/coverage?source={SOURCE}")
    page.close()


def test_the_button_of_a_day_is_sent_with_our_own_origin(origin: str, browser: object) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{origin}/quarantine")
    page.get_by_role("button", name="Parse capture 2 again").click()
    page.wait_for_url(f"{origin}/quarantine")
    assert page.get_by_text("parse capture 2 of rantburg again").count() == 1
    page.close()
