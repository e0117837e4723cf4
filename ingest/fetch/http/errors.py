"""Translate network errors to thresher's own.

    TransientError  another try may help: no connection, no whole answer in time, a cut body, a busy site
    FetchError      another try is of no use: a refused address or certificate, an answer beyond the bounds

httpx.InvalidURL, the IDNA errors and some h11 errors that httpcore lets through are no httpx.HTTPError, and a
hostile site can cause each of them.
"""

import ssl

import h11
import httpcore
import httpx

from ingest.errors import AddressForbidden, FetchError, Unreachable
from ingest.fetch.http.transport import PrivateAddress

TRUNCATED = (httpcore.RemoteProtocolError, httpcore.ReadError, httpx.RemoteProtocolError, httpx.ReadError)
"""The errors of a body that is cut short, by its framing or by a reset connection."""

TIMED_OUT = (TimeoutError, httpcore.TimeoutException, httpx.TimeoutException)

TRANSIENT = (
    httpcore.NetworkError,
    httpcore.RemoteProtocolError,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
    OSError,
)

NETWORK_ERRORS = (
    *TIMED_OUT,
    *TRANSIENT,
    PrivateAddress,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    h11.ProtocolError,
    ValueError,
)
"""Everything a hostile or broken site can raise in the libraries."""


class TransientError(Exception):
    """``error`` may go away by itself; ``pause`` is how many seconds the host asked to be left alone."""

    def __init__(self, error: FetchError, pause: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause


def translated(trouble: Exception, url: str) -> FetchError | TransientError:
    """The library's error as ours, to be raised from it."""
    if isinstance(trouble, PrivateAddress):
        return AddressForbidden(str(trouble), url)
    # Before the transient ones: a certificate is as wrong the next time.
    if any(isinstance(cause, ssl.SSLError) for cause in trouble.args):
        return Unreachable(f"TLS failed: {trouble}", url)
    if isinstance(trouble, TIMED_OUT):
        return TransientError(Unreachable(f"no whole answer in time: {_format_error(trouble)}", url))
    if isinstance(trouble, TRANSIENT):
        return TransientError(Unreachable(_format_error(trouble), url))
    return Unreachable(_format_error(trouble), url)


def _format_error(trouble: Exception) -> str:
    text = str(trouble)[:200]
    return f"{type(trouble).__name__}: {text}" if text else type(trouble).__name__
