"""Bytes to text in the order of the standards: T40 to T45 of the reliability notes."""

import pytest
import webencodings.labels

from parsers.encoding import decode
from parsers.source import Source
from tests.parsers.pages import SOURCE, day_with, parse, remark, shown_on, story
from tests.site.pieces import Markup, Text
from tests.site.render import encoded

PYTHON_ONLY = (
    *("utf-7", "utf_7", "zlib", "zip", "bz2", "hex", "base64", "quopri", "uu", "rot13", "idna", "punycode"),
    *("raw_unicode_escape", "unicode_escape", "undefined", "cp037", "cp500", "utf-32", "mbcs", "utf-8-sig"),
)
SAMPLES = {
    "windows-1250": "Žižka",
    "windows-1251": "Правда",
    "windows-1252": "“naïve” €5",
    "windows-1253": "Ελλάδα",
    "windows-1254": "İstanbul",
    "windows-1255": "שלום",
    "windows-1256": "سلام",
    "iso-8859-2": "Łódź",
    "koi8-r": "Правда",
    "shift_jis": "日本",
    "euc-jp": "日本",
    "gbk": "中国",
    "big5": "中國",
    "euc-kr": "한국",
    "utf-8": "“naïve” 日本",
}


@pytest.mark.parametrize("label", sorted(webencodings.labels.LABELS))
def test_every_label_of_the_standard(label: str) -> None:
    decoded = decode(b"<p>abc", f"text/html; charset={label}")
    assert decoded.chosen_by == "header"
    assert decoded.encoding == webencodings.labels.LABELS[label]


@pytest.mark.parametrize("label", PYTHON_ONLY)
def test_a_name_that_only_python_knows(label: str) -> None:
    for body, header in (
        (b"<p>plain", f"text/html; charset={label}"),
        (f"<meta charset={label}><p>plain".encode(), None),
    ):
        decoded = decode(body, header)
        assert (decoded.encoding, decoded.chosen_by) == ("utf-8", "utf-8")
        assert decoded.text == body.decode()


@pytest.mark.parametrize(("encoding", "words"), SAMPLES.items())
def test_by_header_and_by_meta(encoding: str, words: str) -> None:
    by_header = decode(words.encode(encoding), f"text/html;charset='{encoding}'".replace("'", '"'))
    assert (by_header.text, by_header.encoding, by_header.replaced) == (words, encoding, 0)
    by_meta = decode(f"<meta charset='{encoding}'>{words}".encode(encoding))
    assert by_meta.text.endswith(words)
    assert (by_meta.encoding, by_meta.chosen_by) == (encoding, "meta")


@pytest.mark.parametrize(
    ("codec", "name"), [("utf-8", "utf-8"), ("utf-16-le", "utf-16le"), ("utf-16-be", "utf-16be")]
)
def test_a_mark_wins_over_header_and_meta(codec: str, name: str) -> None:
    body = "\ufeff<meta charset=koi8-r>“naïve”".encode(codec)
    decoded = decode(body, "text/html; charset=windows-1251")
    assert (decoded.chosen_by, decoded.encoding) == ("bom", name)
    assert decoded.text.endswith("“naïve”")


def test_a_header_wins_over_a_meta() -> None:
    decoded = decode("<meta charset=koi8-r>Правда".encode("cp1251"), "text/html; charset=windows-1251")
    assert (decoded.text[-6:], decoded.chosen_by) == ("Правда", "header")


@pytest.mark.parametrize(
    ("head", "label"),
    [
        ("<meta charset=koi8-r><meta charset=windows-1251>", "koi8-r"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r"),
        ('<META CONTENT="text/html; CHARSET=KOI8-R" HTTP-EQUIV=content-type>', "koi8-r"),
        ("<meta name=robots content=all><meta charset=koi8-r>", "koi8-r"),
    ],
)
def test_the_first_meta_that_says(head: str, label: str) -> None:
    assert (decode(head.encode()).encoding, decode(head.encode()).chosen_by) == (label, "meta")


@pytest.mark.parametrize(
    "head",
    [
        "<!-- <meta charset=koi8-r> -->",
        " " * 1024 + "<meta charset=koi8-r>",
        "<meta name=charset>",
        "<meta charset=nonsense>",
        "<meta http-equiv=content-type content=text/html><p>charset",
        "<meta http-equiv=content-type><p>charset",
    ],
)
def test_a_meta_that_does_not_count(head: str) -> None:
    assert decode(head.encode()).chosen_by == "utf-8"


def test_a_meta_that_says_utf_16_means_utf_8() -> None:
    decoded = decode("<meta charset=utf-16le>“naïve”".encode())
    assert (decoded.encoding, decoded.text[-7:]) == ("utf-8", "“naïve”")


@pytest.mark.parametrize("charset", ["iso-8859-1", "latin1", "us-ascii", "ascii"])
def test_latin_1_means_windows_1252(charset: str) -> None:
    assert decode(b"\x93\x80\x94", f"text/html; charset={charset}").text == "“€”"


def test_stray_bytes_in_utf_8_are_repaired_one_by_one() -> None:
    decoded = decode("“Ä”".encode() + b"\x93\xc4 \x94\x81" + "“Ä”".encode())
    assert decoded.text == "“Ä”“Ä ”\ufffd“Ä”"
    assert (decoded.encoding, decoded.repaired, decoded.replaced) == ("utf-8", 4, 1)
    assert decoded.utf8 == decoded.text.encode()


def test_unlabelled_western_bytes() -> None:
    decoded = decode("Crème brûlée, déjà vu — “naïve” façade. ".encode("cp1252") * 20)
    assert (decoded.encoding, decoded.text[:5], decoded.repaired) == ("windows-1252", "Crème", 0)


def test_unlabelled_bytes_that_say_nothing() -> None:
    decoded = decode(b"\x81\x8d abc")
    assert decoded.encoding == "windows-1252"
    assert decoded.replaced == 2


def test_unlabelled_russian() -> None:
    decoded = decode("Съешь ещё этих мягких французских булок, да выпей же чаю. ".encode("cp1251") * 20)
    assert (decoded.encoding, decoded.chosen_by) == ("windows-1251", "detection")
    assert decoded.text.startswith("Съешь")


@pytest.mark.parametrize(
    "charset", ["", '"', "\0", "é", "x" * 10_000, "utf-8\r\nx: y", "utf-8*''", "*0=utf-8", "utf-8''x"]
)
@pytest.mark.parametrize("form", ["text/html; charset={}", "charset={}", "text/html; charset*={}", "{}"])
def test_a_hostile_label_is_no_error(charset: str, form: str) -> None:
    decoded = decode("“naïve”".encode(), form.format(charset))
    assert decoded.text == "“naïve”"


def test_signs_that_a_database_may_refuse() -> None:
    words = (Text("a\u202eb\ufffec"), Markup("&#xD800;&#0;"))
    markup, url = shown_on(day_with(story(remark(1, body=words))))
    read = parse(markup.replace("remark", "re\0mark"), url)
    said = read.articles[0].comments[0].text
    assert said == "a\u202eb\ufffec\ufffd\ufffd"
    said.encode()


def test_a_page_s_content_type_reaches_the_decoder() -> None:
    assert isinstance(SOURCE, Source)
    markup, url = shown_on(day_with(story(body=(Text("Правда"),))))
    read = parse(encoded(markup, "cp1251"), url, "text/html; charset=windows-1251")
    assert (read.articles[0].text, read.encoding, read.encoding_from) == ("Правда", "windows-1251", "header")
