"""One stored response, exactly as it was received."""

from dataclasses import dataclass
from datetime import datetime

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A request and the answer to it.

    ``wire_body`` is the body as received, its content coding kept and its transfer coding removed;
    ``body`` is the same decoded. ``framed`` is false if only the end of the connection ended the body,
    so that a cut could not be seen. ``captured_at`` is the UTC instant the request began.
    """

    url: str
    captured_at: datetime
    method: str
    request_headers: Headers
    http_version: str
    status: int
    reason: str
    response_headers: Headers
    wire_body: bytes
    body: bytes
    ip: str | None
    framed: bool
    seconds: float
    """How long the request took."""
    tls: str | None = None
    """The version of TLS, such as ``1.3``; None where there was none, or it is not known."""
    cipher: str | None = None
    """Its cipher suite by the name that IANA registered, where that is known."""
    oddities: tuple[str, ...] = ()
    """What is wrong with the answer and was forgiven, as browsers do: bytes behind a gzip stream, for one."""

    def header(self, name: str) -> str | None:
        """The first value of a response header, as Latin-1 text, or None."""
        wanted = name.lower().encode("ascii")
        for key, value in self.response_headers:
            if key.lower() == wanted:
                return value.decode("latin-1")
        return None


def header_values(headers: Headers) -> dict[str, str]:
    """The headers by their names in lower case, as Latin-1 text; of one that is there twice, the first."""
    found: dict[str, str] = {}
    for key, value in headers:
        found.setdefault(key.lower().decode("latin-1"), value.decode("latin-1"))
    return found
