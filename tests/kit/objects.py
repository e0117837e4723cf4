"""An S3-compatible server on loopback (moto's), whose answers can be spoilt.

with ObjectServer() as server:
    server.make_bucket("pages")
    server.faults = [lambda method, path: 503 if method == "PUT" else None]
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.site.serving import Serving

Fault = Callable[[str, str], int | None]
"""Of a request's method and path: the status it is answered with, 0 to hang up, None to let it through."""
KEYS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "2",
}
WORDS = {403: "AccessDenied", 500: "InternalError", 503: "ServiceUnavailable"}


class ObjectServer(Serving):
    """A context manager. ``requests`` has the method, the path and the range of each request.

    ``faults`` are asked before the store does what it is asked for, ``after`` when it has done it.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, str]] = []
        self.after: Fault = lambda _method, _path: None
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._http = make_server("127.0.0.1", 0, self._answer, threaded=True)
        super().__init__(self._http)

    @property
    def environment(self) -> dict[str, str]:
        """What a client is told by."""
        return {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._http.port}"}

    def heal(self) -> None:
        """No faults from now on, and no requests remembered."""
        self.faults, self.requests = [], []
        self.after = lambda _method, _path: None

    def make_bucket(self, name: str) -> None:
        """An empty bucket."""
        self.client.create_bucket(Bucket=name)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The objects of a bucket, by their keys."""
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {
            one["Key"]: self.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found
        }

    @cached_property
    def client(self) -> Any:
        """The SDK's own client, which shares nothing with thresher's."""
        return boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="tests",
            aws_secret_access_key="tests",
            region_name="us-east-1",
        )

    def _answer(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append((method, path, environ.get("HTTP_RANGE", "")))
        for fault in self.faults:
            status = fault(method, path)
            if status == 0:
                hang_up(environ)
            if status is not None:
                return _refusal(status, start)
        answered: Iterable[bytes] = self._moto(environ, start)
        if self.after(method, path) == 0:
            hang_up(environ)
        return answered


def hang_up(environ: Mapping[str, Any]) -> None:
    """Close the connection without an answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


def _refusal(status: int, start: Callable[..., Any]) -> Iterator[bytes]:
    code = WORDS.get(status, "Refused")
    start(f"{status} {code}", [("Content-Type", "application/xml")])
    yield f"<Error><Code>{code}</Code><Message>as the test wants it</Message></Error>".encode()
