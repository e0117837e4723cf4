"""robots.txt by RFC 9309; the only door to Protego.

Protego answers well once the file is clean, so a normaliser stands in front of it. What it keeps is what
RFC 9309 and Google's parser know, and ``Crawl-delay``, which sites use although no standard has it:

    bytes -> first 500 KiB -> lines -> known directives -> Crawl-delays apart -> Protego

A Crawl-delay does not end a group (RFC 9309, 2.2.4: other records must not interfere with the parsing of the
defined ones), so agents below it join those above. The delay itself is that of the agents right above it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from protego import Protego

AGENT_TOKEN = "thresher"  # noqa: S105 - a product token, as RFC 9309 calls it, not a secret
"""The name by which robots.txt files speak of us."""

LONGEST_DELAY = 60.0
"""Seconds; a robots.txt that asks for more has this."""

MOST_BYTES = 500 * 1024
UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
Directive = tuple[str, str]
# As long as Google's parser reads a line.
LONGEST_LINE = 16_663

LINE_BREAK = re.compile(rb"\r\n|\r|\n")
# As in "Disallow: /news", "disallow /news" or "User agent: *".
FIELD = re.compile(r"([^:\s]+(?:[ \t]agent)?)\s*:\s*(.*)|(\S+)[ \t]+(\S+)", re.IGNORECASE | re.DOTALL)
# "thresher" of "Thresher/1.0"
PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]*")
# A path in windows-1252: each byte that is not UTF-8 becomes %E9.
STRAY_BYTE = re.compile("[\udc80-\udcff]")
# str.splitlines, which Protego calls, breaks a line at these too; RFC 9309 does not.
FALSE_BREAK = re.compile("[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")

# The misspellings are those that Google's parser forgives.
DIRECTIVES = {
    "User-agent": ("user-agent", "useragent", "user agent"),
    "Allow": ("allow",),
    "Disallow": ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"),
    "Sitemap": ("sitemap", "site-map"),
    "Crawl-delay": ("crawl-delay",),
}
SPELLINGS = {spelling: name for name, spellings in DIRECTIVES.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says to every agent."""

    _parsed: Protego

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a robots.txt. Never fails: what is no directive, or stands after 500 KiB, is passed over."""
        raw = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        return cls(Protego.parse("\n".join(_regrouped(_directives(raw)))))

    @classmethod
    def allow_all(cls) -> Self:
        """What an absent robots.txt means."""
        return cls.parse(b"")

    @classmethod
    def forbid_all(cls) -> Self:
        """Nothing but /robots.txt itself."""
        return cls.parse(b"User-agent: *\nDisallow: /")

    def allows(self, url: str, agent_token: str = AGENT_TOKEN) -> bool:
        """Whether the agent may ask for this address; ``/robots.txt`` always, no address at all never."""
        try:
            return self._parsed.can_fetch(url, _exact(agent_token))
        except ValueError:  # no URL, such as "http://[::1", or text with lone surrogates
            return False

    def crawl_delay(self, agent_token: str = AGENT_TOKEN) -> float | None:
        """Seconds between requests, 0 to 60; None if the file says nothing, or nothing that is a number."""
        delay = self._parsed.crawl_delay(_exact(agent_token))
        return None if delay is None else min(delay, LONGEST_DELAY)


def _regrouped(directives: Iterable[Directive]) -> list[str]:
    """Lines in which each Crawl-delay stands in a group of its own, before all others."""
    delays: list[str] = []
    rules: list[str] = []
    agents: list[str] = []
    before = ""
    for name, value in directives:
        if name == "Crawl-delay":
            delays += [*(f"User-agent: {agent}" for agent in agents), f"{name}: {value}"]
        else:
            rules.append(f"{name}: {value}")
        if name == "User-agent":
            agents = [*agents, value] if before == name else [value]
        before = name if name != "Sitemap" else before
    return delays + rules


def _directives(raw: bytes) -> Iterator[Directive]:
    for line in _lines(raw):
        text = STRAY_BYTE.sub(_escape_byte, line.decode("utf-8", "surrogateescape"))
        directive = _directive(text)
        if directive is not None:
            yield directive


def _lines(raw: bytes) -> Iterator[bytes]:
    whole = raw.removeprefix(UTF_8_MARK)
    counted = whole[:MOST_BYTES]
    if whole.startswith(UTF_16_MARKS):
        counted = counted.decode("utf-16", "replace").encode("utf-8", "replace")
    lines = LINE_BREAK.split(counted)
    if len(whole) > MOST_BYTES:
        lines.pop()  # half a line could allow more than the whole one: "Allow: /" of "Allow: /news"
    for line in lines:
        # What follows a "#" is a remark.
        yield line[:LONGEST_LINE].replace(b"\0", b"").partition(b"#")[0].strip()


def _directive(line: str) -> Directive | None:
    field = FIELD.fullmatch(line)
    if field is None:
        return None
    key, value = (field[1], field[2]) if field[1] is not None else (field[3], field[4])
    name = SPELLINGS.get(key.lower())
    if name is None:
        return None
    value = _agent(value) if name == "User-agent" else FALSE_BREAK.sub(_escape_character, value)
    return name, value


def _agent(value: str) -> str:
    # "* foo" names everybody as well, and "*foo" nobody.
    return "*" if value.split()[:1] == ["*"] else _exact(value)


def _exact(agent: str) -> str:
    # Protego takes "thresh" in a file for the beginning of "thresher"; with an end mark only equals match.
    token = PRODUCT_TOKEN.match(agent)
    return f"{token[0]};" if token and token[0] else ""


def _escape_byte(stray: re.Match[str]) -> str:
    return f"%{ord(stray[0]) - 0xDC00:02X}"


def _escape_character(character: re.Match[str]) -> str:
    return quote(character[0])
