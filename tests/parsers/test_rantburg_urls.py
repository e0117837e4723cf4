"""What the first source's addresses mean, and that a page has one address."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.errors import AddressUnknown
from parsers.sources.rantburg.urls import BASE_URL, address_of, url_of
from parsers.urls import Address, host_of

DAYS = st.none() | st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1))
SECTIONS = st.integers(1, 6)
IDS = st.integers(1, 10**9).map(str)
ADDRESSES = st.one_of(
    st.builds(Address, kind=st.just("section"), day=DAYS, section=SECTIONS),
    st.builds(
        Address,
        kind=st.sampled_from(["article", "comments"]),
        day=DAYS,
        section=st.none() | SECTIONS,
        article_id=IDS,
    ),
)


@given(ADDRESSES)
def test_an_address_comes_back(address: Address) -> None:
    assert address_of(url_of(address)) == address


@given(ADDRESSES)
def test_a_canonical_address_stays_as_it_is(address: Address) -> None:
    url = url_of(address)
    assert url_of(address_of(url)) == url


@pytest.mark.parametrize(
    "url",
    [
        "?D=03/23/2018&HC=1&SO=",
        "?HC=1&D=03/23/2018&SO=",
        "?D=2018-03-23",
        "?D=2018-3-23&HC=1",
        "index.php?D=2018-03-23&HC=1",
        "index.php?D=3/23/2018&SO=x",
        "?D=03%2F23%2F2018&HC=1#4038003",
    ],
)
def test_one_section_page_has_one_address(url: str) -> None:
    canonical = "http://www.rantburg.com/?D=03/23/2018&HC=1&SO="
    assert url_of(address_of(BASE_URL + url)) == canonical
    assert url_of(address_of("https://rantburg.com/" + url)) == canonical


@pytest.mark.parametrize("file", ["poparticle.php", "comments.php"])
@pytest.mark.parametrize(
    "query",
    ["D=2018-03-23&ID=510764&HC=1", "HC=1&ID=510764&D=03/23/2018", "D=03/23/2018&SO=&HC=1&ID=510764#7"],
)
def test_one_article_has_one_address(file: str, query: str) -> None:
    canonical = f"http://www.rantburg.com/{file}?D=2018-03-23&ID=510764&HC=1"
    assert url_of(address_of(f"{BASE_URL}{file}?{query}")) == canonical


def test_today() -> None:
    assert address_of(BASE_URL) == Address(kind="section", section=1)
    assert url_of(Address(kind="section")) == "http://www.rantburg.com/?HC=1&SO="


def test_another_base() -> None:
    address = Address(kind="comments", article_id="7")
    assert url_of(address, "http://127.0.0.1:8000/") == "http://127.0.0.1:8000/comments.php?ID=7"
    assert address_of("http://127.0.0.1:8000/comments.php?ID=7") == address
    assert replace(address, section=2) == address_of("comments.php?ID=7&HC=2")


@pytest.mark.parametrize(
    "url",
    [
        "ePoster.php",
        "editArticle.php?ID=1",
        "Archives.php",
        "cgi-bin/x",
        "INDEX.PHP",
        "?D=13/45/2018",
        "?D=yesterday",
        "?HC=0",
        "?HC=7",
        "?HC=x",
        "?HC=+1",
        "?HC=1_0",
        "?HC=%D9%A1",
        "poparticle.php",
        "poparticle.php?ID=",
        "comments.php?ID=1x",
        "comments.php?ID=%D9%A1",
        "comments.php?ID=-1",
        "comments.php?ID=1&HC=9",
        "comments.php?ID=1&D=2018-02-30",
    ],
)
def test_no_page_that_is_harvested(url: str) -> None:
    with pytest.raises(AddressUnknown) as raised:
        address_of(BASE_URL + url)
    assert raised.value.url == BASE_URL + url


@pytest.mark.parametrize("url", ["http://[::1", "http://[x]/?D=1", "//["])
def test_what_is_no_address_at_all(url: str) -> None:
    with pytest.raises(AddressUnknown):
        address_of(url)


def test_host_of() -> None:
    assert host_of("http://WWW.Rantburg.com:80/?D=1") == "www.rantburg.com"
    assert host_of("nowhere") == ""
