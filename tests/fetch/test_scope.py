"""What may be asked for at all, before any name is resolved."""

import httpx
import pytest

from ingest.errors import AddressForbidden, ConfigurationError
from ingest.fetch import Scope
from ingest.fetch.scope import LONGEST_SHOWN

PACK = Scope(hosts=("site.test", "www.site.test"))
NAMED = Scope(hosts=("site.test",), base_url="http://127.0.0.1:8000/copy/")


@pytest.mark.parametrize(
    "url",
    [
        "http://site.test/",
        "https://site.test/",
        "http://www.site.test:80/x?D=2018-03-23&HC=1",
        "https://SITE.test:443/",
        "http://site.test:443/",
        "http://site.test/who?mail=a@b",
    ],
)
def test_the_sources_own_hosts_on_the_webs_ports(url):
    assert PACK.admit(url).host in PACK.hosts


@pytest.mark.parametrize(
    "url",
    [
        "http://other.test/",
        "http://sub.site.test/",
        "http://site.test.other.test/",
        "http://site.test./",
        "http://site.test:22/",
        "http://site.test:8080/",
        "http://site.test:0/",
        "http://site.test:-1/",
        "http://site.test:65616/",
        "http://site.test:99999999/",
        "ftp://site.test/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "//site.test/",
        "/x",
        "http:///x",
        "http://127.0.0.1/",
        "http://127.0.0.1:8000/",
        "http://[::1/",
        "http://xn--/",
        "http://℀.test/",
        "http://site.test/\n",
        "http://" + "a" * 70_000 + "/",
        "",
    ],
)
def test_everything_else_is_out_of_scope(url):
    with pytest.raises(AddressForbidden) as refused:
        PACK.admit(url)
    assert len(refused.value.url) <= LONGEST_SHOWN + 3
    assert refused.value.url.isprintable()


def test_the_fragment_is_left_out():
    assert str(PACK.admit("http://site.test/x#comments")) == "http://site.test/x"


@pytest.mark.parametrize(
    "url",
    [
        "http://user:hunter2@site.test/",
        "http://hunter2@site.test/",
        "http://user:hunter2@[bad",
        "http://user:hunt/er2@site.test/",
        "http:user:hunter2@site.test",
        "ftp://user:hunter2@site.test/",
    ],
)
def test_credentials_are_refused_and_not_told(url):
    with pytest.raises(AddressForbidden) as refused:
        PACK.admit(url)
    assert "er2" not in str(refused.value)


def test_what_the_operator_named_is_in_scope_and_nothing_beside_it():
    assert NAMED.admit("http://127.0.0.1:8000/x").port == 8000
    assert NAMED.names("127.0.0.1", 8000)
    assert not NAMED.names("127.0.0.1", 80)
    assert not NAMED.names("site.test", 8000)
    assert not PACK.names("site.test", 80)
    for url in [
        "http://127.0.0.1:8001/",
        "http://127.0.0.1/",
        "http://127.0.0.2:8000/",
        "http://2130706433:8000/",
    ]:
        with pytest.raises(AddressForbidden):
            NAMED.admit(url)


def test_a_named_host_may_move_from_http_to_https():
    named = Scope(hosts=(), base_url="http://mirror.test/")
    assert named.admit("https://mirror.test/").scheme == "https"
    assert not named.names("mirror.test", 443)


def test_a_base_url_that_is_none_is_the_operators_mistake():
    with pytest.raises(ConfigurationError):
        Scope(hosts=(), base_url="mirror.test")


def test_a_redirect_is_followed_within_scope():
    page = httpx.URL("http://site.test/a/b")
    assert str(PACK.follow(page, "c?x=1#y")) == "http://site.test/a/c?x=1"
    assert str(PACK.follow(page, "https://www.site.test/")) == "https://www.site.test/"


@pytest.mark.parametrize("location", ["http://site.test/", "//other.test/", "http://169.254.169.254/"])
def test_a_redirect_leaves_neither_scope_nor_https(location):
    with pytest.raises(AddressForbidden):
        PACK.follow(httpx.URL("https://site.test/"), location)


def test_a_redirect_to_no_address_does_not_tell_credentials():
    with pytest.raises(AddressForbidden) as refused:
        PACK.follow(httpx.URL("https://site.test/"), "//user:hunter2@[bad")
    assert "hunter2" not in str(refused.value)
