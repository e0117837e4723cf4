"""Index lines, against what the trade's own indexer makes of the same file."""

import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.archive.export import cdxj
from ingest.archive.export.cdxj import Lines, cdxj_line
from ingest.archive.export.surt import surt
from ingest.archive.warc.records import response_member, revisit_member
from ingest.archive.warc.walk import walk
from ingest.records.capture import Capture
from tests.archive.test_revisits import row_of
from tests.archive.warcs import AT, capture, writing

with warnings.catch_warnings(action="ignore"):  # its source has escapes that Python does not know
    import surt as theirs

INDEXER = Path(sys.executable).with_name("cdxj-indexer")

ADDRESSES = {
    "http://www.Example.com:80/A/b/?z=1&B=2": "com,example)/a/b?b=2&z=1",
    "https://www2.example.com:8443": "com,example:8443)/",
    "https://example.com:443/?": "com,example)/",
    "http://127.0.0.1:8080/?D=1": "1,0,0,127:8080)/?d=1",
    "http://2130706433/": "1,0,0,127)/",
    "http://[2001:db8::1]/": "2001:db8::1)/",
    "http://user:word@www.example.com.:80/#frag": "com,example)/",
    "http://xn--bcher-kva.example/": "example,xn--bcher-kva)/",
    "http://b\u00fccher.example/caf\u00e9": "example,xn--bcher-kva)/caf%c3%a9",
    "http://example.com/a//b/./c/../d/": "com,example)/a/b/d",
    "http://example.com/../a": "com,example)/../a",
    "http://example.com/%2525/%7Euser/a b/%2F": "com,example)/%25/~user/a%20b",
    "http://example.com/a?b=1&a=2&a&a1&b=0&&": "com,example)/a?&&a&a=2&a1&b=0&b=1",
    "http://example.com/?jsessionid=0123456789ABCDEF0123456789abcdef": "com,example)/",
    "http://example.com/?a=1&PHPSESSID=0123456789abcdef0123456789abcdef&x=1": "com,example)/?a=1&x=1",
    "http://example.com/x?CFID=1&CFTOKEN=2": "com,example)/x",
    "http://example.com/(S(0123456789abcdefghijklmn))/x.aspx?a": "com,example)/x.aspx?a",
    "http://example.com/(0123456789abcdefghijklmn)/x.aspx": "com,example)/x.aspx",
}


@pytest.mark.parametrize(("url", "key"), ADDRESSES.items())
def test_the_key_is_the_one_that_replay_tools_look_for(url: str, key: str) -> None:
    assert surt(url) == key == theirs.surt(url)


@pytest.mark.parametrize("url", ["http://[::1", "http://h:99999/", "http://" + "\u00e9" * 70 + ".example/"])
def test_what_is_no_address_is_its_own_key(url: str) -> None:
    assert surt(url) == url


PARTS = st.text(alphabet="ab.Z1%2f7E/;=&?+ ~()-_\u00e9\\\"'<>|@:,!$*", max_size=24)


@settings(max_examples=300, deadline=None)
@given(host=st.sampled_from(["www.example.com", "h.example:8080", "10.0.0.1"]), path=PARTS, query=PARTS)
def test_any_address_has_the_key_of_the_trade(host: str, path: str, query: str) -> None:
    url = f"http://{host}/{path}?{query}"
    assert surt(url) == theirs.surt(url)


def typed(*headers: tuple[bytes, bytes], **more: object) -> Capture:
    return capture(response_headers=headers, **more)


EXCHANGES = [
    capture(),
    typed(),
    typed((b"Content-Type", b"")),
    typed((b"content-type", b"application/pdf; charset=x")),
    typed((b"Content-Type", b"text/html"), (b"Content-Type", b"text/plain")),
    typed((b"Content-Type", b"text/html"), (b"Location", b"/y"), status=301, reason="Moved"),
    capture(b"", status=404, reason=""),
    capture(url="https://www.example.org/a%20b/?q=%C3%A9", tls="1.3", cipher="TLS_AES_128_GCM_SHA256"),
]


def test_the_lines_are_those_of_the_indexer(tmp_path: Path) -> None:
    with writing(tmp_path / "held") as writer:
        row = row_of(capture(), writer.append(capture()))
    members = [response_member(one, warcinfo_id="<urn:x>") for one in EXCHANGES]
    members.append(revisit_member(capture(), row, warcinfo_id="<urn:x>"))
    unchanged = capture(b"", status=304, reason="Not Modified")
    members.append(
        revisit_member(unchanged, row, warcinfo_id="<urn:x>", profile="server-not-modified"),
    )
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(member.data for member in members))
    index = Lines(tmp_path)
    lines = [cdxj_line(record, captured_at=AT, file=path.name, offset=record.offset) for record in walk(path)]
    indexed = subprocess.run([INDEXER, "--sort", path], capture_output=True, check=True)
    for line in lines:
        index.add(line)
    assert b"".join(index.in_order()).splitlines() == indexed.stdout.splitlines()


def test_lines_are_sorted_in_parts_that_are_not_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdxj, "AT_ONCE", 3)
    with Lines(tmp_path) as lines:
        for number in (5, 3, 8, 1, 7, 2, 6, 4):
            lines.add(f"key{number}")
            assert len(lines._held) < 3
        assert list(lines.in_order()) == [b"key%d\n" % number for number in range(1, 9)]
    assert lines.count == 8
    assert list(tmp_path.iterdir()) == []
