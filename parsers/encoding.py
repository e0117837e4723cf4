"""Bytes to text, in the order of the WHATWG Encoding and HTML standards as far as they go, then better.

    byte-order mark > HTTP label > meta label > valid UTF-8 > detection > windows-1252

Labels are looked up in the WHATWG table only (webencodings): Python's own names would let a page choose
``zlib`` or ``utf-7``. A page in UTF-8 often holds a few bytes pasted from windows-1252; those are read one by
one and counted, and the rest of the page stays what it is.
"""

import re
from typing import Literal

import webencodings

from parsers.html import Page, attribute
from parsers.records import Decoded

ChosenBy = Literal["bom", "header", "meta", "utf-8", "detection", "fallback"]

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
META_WITHIN = 1024
"""A meta label counts only in the page's first bytes (HTML standard, prescan)."""

# A page whose label can be read byte by byte is not in UTF-16, whatever it says; a label that scripts
# made up is windows-1252 (HTML standard, prescan).
PRESCANNED = {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}

# <!-- <meta charset="windows-1252"> --> is no label.
MARKUP_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)

MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
WESTERN = {"windows-1252", "utf-8"}

WINDOWS_1252 = bytes(range(256)).decode("cp1252", "replace")
"""The character of each byte; U+FFFD for the five that have none."""

ESCAPED = re.compile("[\udc80-\udcff]")
"""How Python's surrogateescape (PEP 383) marks a byte that is not UTF-8."""


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """The text of a page's bytes; never an error.

    ``content_type`` is the HTTP header's value, whose charset parameter is the header label.
    """
    # A byte-order mark outweighs every label (Encoding standard, decode).
    for mark, name in MARKS:
        if body.startswith(mark):
            return _read(body[len(mark) :], name, "bom")
    if (label := _label(_charset_of(content_type))) is not None:
        return _read(body, label, "header")
    if (
        # A tree is made of the page's beginning only if there may be a label in it.
        b"charset" in MARKUP_COMMENT.sub(b"", body[:META_WITHIN]).lower()
        and (label := _label(_meta_label(body))) is not None
    ):
        # <meta charset="utf-8">, <meta http-equiv="content-type" content="text/html; charset=utf-8">
        return _read(body, PRESCANNED.get(label, label), "meta")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _guess(body)
    return Decoded(text=text, utf8=body, encoding="utf-8", chosen_by="utf-8", repaired=0, replaced=0)


def _guess(body: bytes) -> Decoded:
    import chardet  # for the few pages without a label alone: it is a large part of a start

    found = chardet.detect(body)
    name = _label(found["encoding"])
    if name is not None and name not in WESTERN and not name.startswith(("iso-8859", "macintosh")):
        return _read(body, name, "detection")
    # Sequences that are whole in UTF-8 are next to impossible by chance in western prose.
    if MULTIBYTE.search(body):
        return _read(body, "utf-8", "detection")
    return _read(body, "windows-1252", "detection" if name == "windows-1252" else "fallback")


def _read(body: bytes, name: str, chosen_by: ChosenBy) -> Decoded:
    repaired = 0
    if name == "utf-8":
        escaped = body.decode("utf-8", "surrogateescape")
        text, repaired = ESCAPED.subn(lambda stray: WINDOWS_1252[ord(stray[0]) - 0xDC00], escaped)
    elif name == "windows-1252":
        text = body.decode("cp1252", "replace")
    else:
        text = webencodings.decode(body, webencodings.lookup(name) or webencodings.UTF8, "replace")[0]
    return Decoded(
        text=text,
        utf8=text.encode("utf-8", "replace"),
        encoding=name,
        chosen_by=chosen_by,
        repaired=repaired,
        replaced=text.count("\ufffd"),
    )


def _charset_of(content_type: str | None) -> str | None:
    if not content_type:
        return None
    from email.message import Message  # as chardet is: pages without a label do without it

    # text/html; charset="utf-8"; boundary=...: quotes and further parameters are the mail parser's matter.
    message = Message()
    # A line break in a header's value is an error of that parser.
    message["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    charset = message.get_param("charset")
    return charset if isinstance(charset, str) else None


def _meta_label(body: bytes) -> str | None:
    page = Page(body[:META_WITHIN])
    for meta in page.select("meta"):
        if (charset := attribute(meta, "charset")) is not None:
            return charset
        if (attribute(meta, "http-equiv") or "").lower() == "content-type":
            return _charset_of(attribute(meta, "content"))
    return None


def _label(label: str | None) -> str | None:
    encoding = webencodings.lookup(label) if label else None
    return str(encoding.name) if encoding is not None else None
