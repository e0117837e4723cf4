"""Index lines as replay tools read them (CDXJ 0.1.0): SURT, 14 digits of time, one JSON object."""

import json
from datetime import datetime

from ingest.archive.export.surt import surt
from ingest.archive.warc.http_message import Unreadable, read_answer
from ingest.archive.warc.walk import RawRecord


def cdxj_line(record: RawRecord, *, captured_at: datetime, file: str, offset: int) -> str:
    """The line of a response or revisit whose member begins at ``offset`` of ``file``."""
    url = (record.header("WARC-Target-URI") or "").strip("<>")
    fields = {"url": url, **_said(record)}
    if digest := record.header("WARC-Payload-Digest"):
        fields["digest"] = digest
    fields |= {"length": str(record.end - record.offset), "offset": str(offset), "filename": file}
    return f"{surt(url)} {captured_at:%Y%m%d%H%M%S} {json.dumps(fields)}"


def in_order(lines: list[str]) -> bytes:
    """The index: sorted by bytes, as a search by halves needs it."""
    return b"".join(sorted(line.encode("ascii", "backslashreplace") + b"\n" for line in lines))


def _said(record: RawRecord) -> dict[str, str]:
    revisit = {"mime": "warc/revisit"} if record.kind == "revisit" else {}
    try:
        answer = read_answer(record.block or b"")
    except Unreadable:  # the block of a revisit may be empty
        return revisit or {"mime": "unk"}
    types = [value for key, value in answer.headers if key.lower() == b"content-type"]
    mime = {"mime": types[0].decode("latin-1").partition(";")[0].strip()} if types else {}
    return {**mime, **revisit, "status": str(answer.status)}
