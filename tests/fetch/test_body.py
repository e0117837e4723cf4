"""Bodies: whole, or refused."""

import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BodyRefused
from ingest.fetch.http.body import MOST_MEMBERS, Body, BodyCut, is_gzipped
from tests.fetch.faulty_server import bomb

URL = "http://site.test/"
TEXT = random.Random(7).randbytes(20_000).hex().encode()


def received(*pieces: bytes, gzipped: bool = True, wire: int = 100_000, decoded: int = 100_000) -> Body:
    body = Body(gzipped=gzipped, wire_bytes=wire, decoded_bytes=decoded, url=URL)
    for piece in pieces:
        body.feed(piece)
    body.close()
    return body


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(max_size=3000), st.integers(min_value=1, max_value=500))
def test_the_same_text_however_it_is_cut_into_pieces(text, size):
    wire = gzip.compress(text)
    body = received(*in_pieces(wire, size))
    assert (body.decoded, body.wire) == (text, wire)
    assert received(*in_pieces(text, size), gzipped=False).decoded == text


@pytest.mark.parametrize("percent", range(1, 100))
def test_a_cut_gzip_stream_is_never_taken_for_whole(percent):
    wire = gzip.compress(TEXT)
    with pytest.raises(BodyCut):
        received(*in_pieces(wire[: len(wire) * percent // 100], 1000))


def test_every_member_is_read():
    wire = gzip.compress(b"one ") + gzip.compress(b"two ") + gzip.compress(b"three")
    assert received(wire).decoded == b"one two three"
    assert received(*in_pieces(wire, 1)).decoded == b"one two three"


@pytest.mark.parametrize("garbage", [b"\n", b"\r\n", b"garbage", b"<!-- page end -->", b"\n\x1f\x8b\x08"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_bytes_behind_the_end_are_kept_and_named(garbage, size):
    wire = gzip.compress(b"one ") + gzip.compress(b"two") + garbage
    body = received(*in_pieces(wire, size))
    assert (body.decoded, body.wire) == (b"one two", wire)
    assert body.oddities == ["other bytes follow the gzip stream"]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_zeros_between_and_behind_members_are_named(size):
    wire = gzip.compress(b"one ") + b"\0" * 9 + gzip.compress(b"two") + b"\0" * 500
    body = received(*in_pieces(wire, size))
    assert (body.decoded, body.oddities) == (b"one two", ["zeros follow the gzip stream"])


@pytest.mark.parametrize(
    "begun", [b"\x1f", b"\x1f\x8b\x08", gzip.compress(b"two")[:-1]], ids=["one", "three", "most"]
)
def test_a_member_that_is_begun_and_cut_is_a_cut(begun):
    with pytest.raises(BodyCut):
        received(gzip.compress(b"one") + begun)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_plain_bytes_that_are_announced_as_gzip_are_read(size):
    body = received(*in_pieces(b"<html>plain</html>", size))
    assert body.decoded == body.wire == b"<html>plain</html>"
    assert body.oddities == ["gzip is announced, and plain bytes are sent"]


def test_nothing_that_is_announced_as_gzip_is_nothing():
    assert (received().decoded, received().oddities) == (b"", ["gzip is announced, and nothing is sent"])


@pytest.mark.parametrize("gzipped", [True, False])
def test_only_the_beginning_of_a_long_body_may_count(gzipped):
    wire = gzip.compress(TEXT) if gzipped else TEXT
    body = Body(gzipped=gzipped, wire_bytes=100_000, decoded_bytes=99, url=URL, beginning=True)
    body.feed(wire)
    body.close()
    assert body.is_enough
    assert body.decoded[:100] == TEXT[:100]


def test_a_wrong_checksum_is_refused_and_is_no_cut():
    wire = bytearray(gzip.compress(TEXT))
    wire[-8] ^= 1
    with pytest.raises(BodyRefused, match="damaged") as refused:
        received(bytes(wire))
    assert not isinstance(refused.value, BodyCut)


def test_what_only_begins_as_gzip_is_refused():
    with pytest.raises(BodyRefused, match="damaged"):
        received(b"\x1f\x8b plain text")


def test_too_many_members_are_refused():
    with pytest.raises(BodyRefused, match="members"):
        received(gzip.compress(b"") * (MOST_MEMBERS + 1))


@pytest.mark.parametrize("gzipped", [True, False])
def test_the_caps_are_exact(gzipped):
    wire = gzip.compress(TEXT) if gzipped else TEXT
    assert received(wire, gzipped=gzipped, wire=len(wire), decoded=len(TEXT)).decoded == TEXT
    with pytest.raises(BodyRefused, match="larger"):
        received(wire, gzipped=gzipped, wire=len(wire) - 1)
    with pytest.raises(BodyRefused, match="larger"):
        received(wire, gzipped=gzipped, decoded=len(TEXT) - 1)


def test_a_bomb_of_1000_mib_is_refused_at_the_cap():
    wire = bomb(1000)
    assert len(wire) < 2_000_000
    body = Body(gzipped=True, wire_bytes=10_000_000, decoded_bytes=1_000_000, url=URL)
    with pytest.raises(BodyRefused, match="larger"):
        body.feed(wire)
    assert len(body.decoded) == 1_000_001


@pytest.mark.parametrize("codings", [["gzip"], ["GZIP"], ["x-gzip"], [" gzip "]])
def test_gzip_is_known(codings):
    assert is_gzipped(codings, URL)


@pytest.mark.parametrize("codings", [[], [""], ["identity"], ["UTF-8"], ["none"], ["\xff"], ["8bit, UTF-8"]])
def test_no_coding_is_known(codings):
    assert not is_gzipped(codings, URL)


@pytest.mark.parametrize(
    "codings",
    [
        ["br"],
        ["zstd"],
        ["deflate"],
        ["gzip, gzip"],
        ["gzip", "gzip"],
        ["gzip, br"],
        ["gzip"] * 500,
        ["gzip, UTF-8"],
    ],
)
def test_other_and_stacked_codings_are_refused(codings):
    with pytest.raises(BodyRefused, match="coded") as refused:
        is_gzipped(codings, URL)
    assert len(str(refused.value)) < 250
