"""A WARC-Target-URI as any tool wrote it."""

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

# <https://quay.example/a crane?q="oak">, as tools write what stood in a page's link
UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"]+")
DEFAULT_PORTS = {"http": 80, "https": 443}


def read_address(text: str) -> str:
    """The address as it is asked for: without ``<>`` (wget), spaces, fragment, credentials; in lower case.

    What is not a web address is returned unchanged.
    """
    text = text.strip().strip("<>").strip()
    scheme = text[:6].lower()
    # A tool may store urn:uuid:..., filedesc://... or dns:quay.example as well.
    if not scheme.startswith(("http:/", "https:")):
        return text
    try:
        parts = urlsplit(UNSAFE.sub(lambda found: quote(found[0]), text))
        return urlunsplit((parts.scheme, _host(parts), parts.path, parts.query, ""))
    except ValueError:
        return text


def is_web(url: str) -> bool:
    """Whether it is an address of the web."""
    return url.startswith(("http://", "https://"))


def _host(parts: SplitResult) -> str:
    """The address without credentials, which are private and do not identify the page."""
    host = parts.netloc.rpartition("@")[2].lower()
    default = f":{DEFAULT_PORTS.get(parts.scheme)}"
    # "quay.example:80" and "quay.example" are one address, as they are to browsers.
    return host.removesuffix(default)
