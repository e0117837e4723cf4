"""Index lines as replay tools read them (CDXJ 0.1.0): SURT, 14 digits of time, one JSON object."""

import json
import re
from datetime import datetime
from urllib.parse import urlsplit

from ingest.archive.http import Unreadable, read_answer
from ingest.archive.walk import RawRecord

DEFAULT_PORTS = {"http": 80, "https": 443}
WWW = re.compile(r"www\d*\.")
NUMERIC = re.compile(r"[\d.]+|.*:.*")


def surt(url: str) -> str:
    """The address with its host turned round, so that a site's pages stand together: ``com,example)/a?b=1``.

    As the trade's indexers do: lower case, no ``www.``, the query's parts sorted.
    """
    parts = urlsplit(url.lower())
    host = (
        WWW.sub("", parts.hostname or "", count=1)
        if WWW.match(parts.hostname or "")
        else parts.hostname or ""
    )
    turned = host if NUMERIC.fullmatch(host) else ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port not in {None, DEFAULT_PORTS.get(parts.scheme)} else ""
    path = parts.path.rstrip("/") or "/"
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{turned}{port}){path}{query}"


def cdxj_line(record: RawRecord, *, captured_at: datetime, file: str, offset: int) -> str:
    """The line of a response or revisit whose member lies at ``offset`` of ``file``."""
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
    if record.kind == "revisit":
        return {"mime": "warc/revisit"}
    try:
        answer = read_answer(record.block or b"")
    except Unreadable:
        return {"mime": "unk"}
    types = [value for key, value in answer.headers if key.lower() == b"content-type"]
    mime = types[0].decode("latin-1").partition(";")[0].strip() if types else ""
    return {"mime": mime or "unk", "status": str(answer.status)}
