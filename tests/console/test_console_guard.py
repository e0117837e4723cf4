"""Who is answered: this machine's names alone, forms of our own pages, and browsers that have the token."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from ingest.console.application import Console
from ingest.settings import Settings
from ingest.store import Store
from tests.console.browser import ORIGIN, Browser
from tests.kit.fakes import FakeClock

TOKEN = "a-token-of-some-length"
SENT = ("/quarantine?id=5", "/day?source=rantburg&day=2018-03-25")


@pytest.fixture
def locked(settings: Settings, clock: FakeClock) -> Iterator[Browser]:
    with Store.read(settings.database) as store, closing(Console(settings, store, clock, token=TOKEN)) as one:
        yield Browser(one)


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8320", "127.0.0.1.evil.test", "127.0.0.1:1", ""])
def test_another_name_for_this_machine_is_not_answered(browser: Browser, host: str) -> None:
    assert browser.get("/", Host=host).status_code == 403


@pytest.mark.parametrize("address", SENT)
@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.test", "http://127.0.0.1", "http://localhost:8320", "127.0.0.1:8320"],
)
def test_a_form_of_another_page_is_refused(browser: Browser, address: str, origin: str | None) -> None:
    assert browser.post(address, origin=origin).status_code == 403


@pytest.mark.parametrize("address", SENT)
def test_nothing_is_done_by_looking(browser: Browser, address: str) -> None:
    browser.get(address)
    assert "Asked for here" not in browser.get("/").text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_no_other_method_is_answered(browser: Browser, method: str) -> None:
    assert browser.ask(method, "/", {"Origin": ORIGIN}).status_code == 405


def test_nobody_is_let_in_without_the_token(locked: Browser) -> None:
    for address in ("/", "/thread?id=7", "/capture/page?id=1", "/nix"):
        answer = locked.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert locked.get("/login").status_code == 200
    assert locked.get("/static/console.css").status_code == 200
    assert locked.post("/quarantine?id=5").status_code == 303
    assert "Asked for here" not in locked.get("/", Cookie=f"thresher-token={TOKEN}").text


@pytest.mark.parametrize(
    "form", [{}, {"token": ""}, {"token": "wrong"}, {"token": TOKEN[:-1]}, {"token": "\u20ac"}]
)
def test_a_wrong_token_is_refused(locked: Browser, form: dict[str, str]) -> None:
    answer = locked.post("/login", form=form)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert locked.get("/", Cookie="thresher-token=wrong").status_code == 303


def test_the_token_is_kept_in_a_cookie_that_no_script_and_no_other_site_has(locked: Browser) -> None:
    answer = locked.post("/login", form={"token": f" {TOKEN} "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert locked.get("/", Cookie=cookie.partition(";")[0]).status_code == 200


def test_where_there_is_no_token_none_is_right(browser: Browser) -> None:
    assert browser.post("/login", form={"token": ""}).status_code == 403
