"""Which addresses a source may be asked for. Pure: names are not resolved here."""

import re
from dataclasses import dataclass
from functools import cache

import httpx

from ingest.errors import AddressForbidden, ConfigurationError

SCHEMES = ("http", "https")
WEB_PORTS = (80, 443)
LONGEST_SHOWN = 200

# "https://olga:secret@quay.example/", and what only looks like it
TO_THE_LAST_AT = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?.*@", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A source's own hosts on the web's ports, and the one host and port the operator named.

    ``base_url`` is only ever what the operator gave by ``--base-url`` or in the configuration, never a
    pack's default: what it names is fetched on any port, and may have a private IP address.
    """

    hosts: tuple[str, ...]
    base_url: str | None = None

    def __post_init__(self) -> None:
        if self.base_url is None:
            return
        try:
            parse_address(self.base_url)
        except AddressForbidden as exc:
            raise ConfigurationError(f"no base URL: {exc}") from exc

    def admit(self, url: str) -> httpx.URL:
        """The address, parsed and without its fragment; raises AddressForbidden if it is out of scope."""
        address = parse_address(url)
        host, port = address.host, port_of(address)
        if not (self.names(host, port) or (host in self._own_hosts() and port in WEB_PORTS)):
            raise AddressForbidden("the address is out of the source's scope", shown(url))
        return address

    def follow(self, address: httpx.URL, location: str) -> httpx.URL:
        """Where a redirect leads; raises AddressForbidden if it leads out of scope, or from https to http."""
        try:
            joined = str(address.join(location))
        except (httpx.InvalidURL, ValueError) as exc:
            raise AddressForbidden("a redirect leads to no address", _without_credentials(location)) from exc
        target = self.admit(joined)
        # Anybody between could read and change what follows.
        if address.scheme == "https" and target.scheme != "https":
            raise AddressForbidden("a redirect leads from https to http", shown(joined))
        return target

    def names(self, host: str, port: int) -> bool:
        """Whether the operator named exactly this host and port."""
        if self.base_url is None:
            return False
        named = _named(self.base_url)
        return (host, port) == (named.host, port_of(named))

    def _own_hosts(self) -> tuple[str, ...]:
        if self.base_url is None:
            return self.hosts
        # A named host that moves from http to https goes from port 80 to port 443.
        named = _named(self.base_url)
        return (*self.hosts, named.host) if port_of(named) in WEB_PORTS else self.hosts


def parse_address(url: str) -> httpx.URL:
    """An absolute http or https URL without credentials, with a port there is; else AddressForbidden."""
    try:
        address = httpx.URL(url)
        # To copy an address is to parse it once more, and hardly one has a fragment.
        address = address.copy_with(fragment=None) if "#" in url else address
        # The host is decoded from its ASCII form only when it is asked for, and that can fail too.
        usable = address.scheme in SCHEMES and address.host != "" and 1 <= port_of(address) <= 65_535
    except (httpx.InvalidURL, ValueError) as exc:
        raise AddressForbidden("not an address", _without_credentials(url)) from exc
    if address.userinfo:
        raise AddressForbidden("an address with credentials is never asked for", _without_credentials(url))
    if not usable:
        raise AddressForbidden("not an address of a web page", _without_credentials(url))
    return address


@cache
def _named(base_url: str) -> httpx.URL:
    return parse_address(base_url)


def port_of(address: httpx.URL) -> int:
    """The port of an address, the scheme's own if it names none."""
    if address.port is not None:
        return address.port
    return 443 if address.scheme == "https" else 80


def shown(url: str) -> str:
    """An address as an error may show it: one line, not too long."""
    printable = "".join(c if c.isprintable() else "?" for c in url[: LONGEST_SHOWN + 1])
    return printable if len(printable) <= LONGEST_SHOWN else printable[:LONGEST_SHOWN] + "..."


def _without_credentials(url: str) -> str:
    # Where credentials end is not known of what is no address: nothing before the last @ is shown.
    return shown(TO_THE_LAST_AT.sub(r"\1//", url, count=1))
