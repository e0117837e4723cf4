"""The key that indexes are sorted by and searched with: an address with its host turned round (SURT).

    http://www.Example.org:80/b/?z=1&A=%7E  ->  org,example)/b?a=~&z=1

Replay tools compute this key for the address that a user asks for, and look it up. A key computed in another
way is never found, so the rules here are exactly those of the tools, odd ones included.
"""

import re
from ipaddress import IPv4Address
from urllib.parse import quote, unquote_to_bytes, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
# www.quay.example, www2.quay.example
WWW = re.compile(r"www\d*\.")
PLAIN = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""What is not escaped, beside letters and digits."""

# /(S(abcdefghijklmnopqrstuvwx))/list.aspx: a session of ASP.NET stands in the path.
PATH_SESSIONS = tuple(
    re.compile(rf"(.*/){session}/([^?]+\.aspx.*)", re.IGNORECASE)
    for session in (r"\((?:[a-z]\([0-9a-z]{24}\))+\)", r"\([0-9a-z]{24}\)")
)
# ?jsessionid=0123456789abcdef0123456789abcdef&page=2
QUERY_SESSIONS = tuple(
    re.compile(rf"(.*)(?:{session})(?:&(.*))?", re.IGNORECASE)
    for session in (
        r"jsessionid=[0-9a-z]{32}",
        r"phpsessid=[0-9a-z]{32}",
        r"sid=[0-9a-z]{32}",
        r"aspsessionid[a-z]{8}=[a-z]{24}",
        r"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(url: str) -> str:
    """The key of an http or https address; any other address unchanged."""
    try:
        parts = urlsplit(url.strip())
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return url
    shown_port = f":{port}" if port not in {None, 0, DEFAULT_PORTS.get(parts.scheme)} else ""
    query = _query(parts.query)
    return f"{host}{shown_port}){_path(parts.path)}" + (f"?{query}" if query else "")


def _host(host: str) -> str:
    name = _unescaped(host).decode("utf-8", "ignore")
    name = name if name.isascii() else name.encode("idna").decode("ascii")
    name = name.replace("..", ".").strip(".")
    # http://3232235777/ is an address of IPv4, written as one number.
    if name.isascii() and name.isdecimal():
        name = str(IPv4Address(int(name) & 0xFFFFFFFF))
    name = _escaped(name.encode()).lower()
    if www := WWW.match(name):
        name = name[www.end() :]
    return ",".join(reversed(name.split(".")))


def _path(path: str) -> str:
    kept: list[bytes] = []
    for part in _unescaped(path).split(b"/")[1:]:
        if part == b".." and kept:
            kept.pop()
        elif part != b".":
            kept.append(part)
    # Of empty parts only the last one has a meaning: the path ends with a slash.
    joined = b"/".join([b"", *(part for part in kept[:-1] if part), *kept[-1:]])
    plain = _escaped(joined).lower()
    for session in PATH_SESSIONS:
        plain = session.sub(r"\1\2", plain, count=1)
    return plain.removesuffix("/") or "/"


def _query(query: str) -> str:
    plain = _escaped(_unescaped(query))
    for session in QUERY_SESSIONS:
        if found := session.fullmatch(plain):
            plain = found[1] + (found[2] or "")
    # "a=1&b" before "b&a=1": the order of arguments means nothing.
    arguments = sorted(tuple(argument.split("=", 1)) for argument in plain.lower().split("&"))
    return "&".join("=".join(argument) for argument in arguments)


def _unescaped(text: str) -> bytes:
    """The text without percent escapes, even where it was escaped several times."""
    escaped = text.encode("utf-8", "surrogateescape")
    while (plain := unquote_to_bytes(escaped)) != escaped:
        escaped = plain
    return escaped


def _escaped(plain: bytes) -> str:
    return quote(plain, safe=PLAIN)
