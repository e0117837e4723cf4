"""Captures to put into an archive, and what other tools say of the files."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from ingest.archive import ArchiveWriter
from ingest.records.capture import Capture

AT = datetime(2018, 4, 14, 16, 5, 7, 123_456, tzinfo=UTC)
BODY = "<html><body>a day by the caf\u00e9 \u2014 and on</body></html>".encode()


def capture(body: bytes = BODY, **fields: object) -> Capture:
    plain = Capture(
        url="http://www.rantburg.com/?D=04/14/2018&HC=1&SO=",
        captured_at=AT,
        method="GET",
        request_headers=((b"Host", b"www.rantburg.com"), (b"User-Agent", b"thresher/0")),
        http_version="HTTP/1.1",
        status=200,
        reason="OK",
        response_headers=((b"Content-Type", b"text/html"), (b"Transfer-Encoding", b"chunked")),
        wire_body=body,
        body=body,
        ip="192.0.2.7",
        framed=True,
        seconds=0.2,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


@contextmanager
def writing(folder: Path) -> Iterator[ArchiveWriter]:
    about = {"software": "thresher/0", "format": "WARC File Format 1.1"}
    with ArchiveWriter(folder, source="rantburg", started_at=AT, about=about) as writer:
        yield writer


def broken_off(folder: Path, *, captures: int) -> None:
    """Leave a file open as a run does that an error ends."""
    with suppress(KeyError), writing(folder) as writer:
        for _ in range(captures):
            writer.append(capture())
        raise KeyError("broken off")


def records(path: Path) -> list[tuple[str, dict[str, str], bytes]]:
    with path.open("rb") as file:
        return [
            (one.rec_type, dict(one.rec_headers.headers), one.content_stream().read())
            for one in ArchiveIterator(file, check_digests="raise")
        ]


def passes_the_check(path: Path) -> bool:
    class Asked:
        verbose = False
        inputs = (str(path),)

    checker = Checker(Asked())
    checker.process_all()
    return checker.exit_value == 0
