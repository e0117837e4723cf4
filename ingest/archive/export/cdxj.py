"""Index lines as replay tools read them (CDXJ 0.1.0): SURT, 14 digits of time, one JSON object."""

import heapq
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from ingest.archive.export.surt import surt
from ingest.archive.warc.http_message import Unreadable, read_answer
from ingest.archive.warc.walk import RawRecord

AT_ONCE = 50_000
"""Lines that are held in memory together."""


def cdxj_line(record: RawRecord, *, captured_at: datetime, file: str, offset: int) -> str:
    """The line of a response or revisit whose member begins at ``offset`` of ``file``."""
    url = (record.header("WARC-Target-URI") or "").strip("<>")
    # example,quay)/a-crane 20180323053500 {"url": "https://...", "mime": "text/html", "status": "200", ...}
    fields = {"url": url, **_said(record)}
    if digest := record.header("WARC-Payload-Digest"):
        fields["digest"] = digest
    fields |= {"length": str(record.end - record.offset), "offset": str(offset), "filename": file}
    return f"{surt(url)} {captured_at:%Y%m%d%H%M%S} {json.dumps(fields)}"


class Lines:
    """The lines of an index, which come out sorted by bytes, as a search by halves needs them.

    A context manager. Few are in memory at once: the others are in files without a name in ``folder``.
    """

    def __init__(self, folder: Path) -> None:
        self.count = 0
        self._folder = folder
        self._held: list[bytes] = []
        self._sorted: list[IO[bytes]] = []
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def add(self, line: str) -> None:
        """Take a line in."""
        self.count += 1
        # ASCII: an order by bytes is the same for every reader.
        self._held.append(line.encode("ascii", "backslashreplace") + b"\n")
        if len(self._held) >= AT_ONCE:
            self._put_down()

    def in_order(self) -> Iterator[bytes]:
        """All lines, once."""
        self._held.sort()
        yield from heapq.merge(*self._sorted, self._held)

    def _put_down(self) -> None:
        self._held.sort()
        file = self._opened.enter_context(TemporaryFile(dir=self._folder))  # noqa: SIM115 - it is one
        file.writelines(self._held)
        file.seek(0)
        self._sorted.append(file)
        self._held.clear()


def _said(record: RawRecord) -> dict[str, str]:
    revisit = {"mime": "warc/revisit"} if record.kind == "revisit" else {}
    try:
        answer = read_answer(record.block or b"")
    except Unreadable:  # the block of a revisit may be empty
        return revisit or {"mime": "unk"}
    types = [value for key, value in answer.headers if key.lower() == b"content-type"]
    mime = {"mime": types[0].decode("latin-1").partition(";")[0].strip()} if types else {}
    return {**mime, **revisit, "status": str(answer.status)}
