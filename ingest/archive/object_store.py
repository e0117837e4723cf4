"""Objects of an S3-compatible store. The only door to fsspec and s3fs, which the extra ``s3`` brings.

    listed(folder) --names of archive files--> block(folder, name, index) --range request--> bytes
    put_new(folder, name, data) --if there is none of this name--> True | there is one: False

An object is never written over, so what was read of one stays true. Retries are botocore's own.
"""

import base64
import errno
import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from ingest.errors import ArchiveUnreachable, ConfigurationError
from ingest.records.archive_folder import ObjectFolder

log = logging.getLogger(__name__)

NEEDS_EXTRA = "an archive in a store needs a few packages more: pip install 'thresher[s3]'"
BLOCK = 1024 * 1024
"""What is read at a time: a page is some 10 kB of it, and a re-parse reads one page after the other."""
BLOCKS_HELD = 8
LONGEST = 40
"""Seconds that one request may take with its retries, but for that of an upload."""
# "THRESHER-quay-20240501060000000-00001-04711-host.warc.gz", "suppressed.jsonl"
NAME = re.compile(r"[\w][\w.-]*")
SHA256 = "sha256"
"""Under this name the metadata of an object has its digest."""


def listed(folder: ObjectFolder, beginning: str = "") -> Iterator[tuple[str, int]]:
    """The names of the objects, and their sizes in bytes; others than an archive's are passed over.

    Raises:
        ArchiveUnreachable: the store cannot be asked, or there is no such bucket.
    """
    begins, after = folder.key(beginning), dict[str, str]()
    while True:
        with _translated(folder, ""):
            page = _store().call_s3(
                "list_objects_v2",
                Bucket=folder.bucket,
                Prefix=begins,
                Delimiter="/",
                timeout=LONGEST,
                **after,
            )
        for found in page.get("Contents", ()):
            name = found["Key"][len(folder.key("")) :]
            if NAME.fullmatch(name):
                yield name, found["Size"]
            elif name:
                log.warning("%s: the object %r is passed over: no file of ours has such a name", folder, name)
        if not page.get("IsTruncated"):
            return
        after = {"ContinuationToken": page["NextContinuationToken"]}


def size_of(folder: ObjectFolder, name: str) -> int:
    """The bytes of an object; FileNotFoundError if there is none."""
    return int(_head(folder, name)["ContentLength"])


@lru_cache(maxsize=BLOCKS_HELD)
def block(folder: ObjectFolder, name: str, index: int) -> bytes:
    """The bytes from ``index`` times BLOCK on, fewer or none at the object's end; FileNotFoundError."""
    start = index * BLOCK
    try:
        with _translated(folder, name):
            data = _store().cat_file(
                f"{folder.bucket}/{folder.key(name)}", start=start, end=start + BLOCK, timeout=LONGEST
            )
    except _BehindTheEnd:
        return b""
    return bytes(data)


def whole(folder: ObjectFolder, name: str) -> bytes:
    """All bytes of an object as the store has it now; FileNotFoundError if there is none."""
    with _translated(folder, name):
        data = _store().cat_file(f"{folder.bucket}/{folder.key(name)}")
    return bytes(data)


def put_new(folder: ObjectFolder, name: str, data: bytes) -> bool:
    """Make an object of this name; False if there is one, which stays as it is.

    Raises:
        ArchiveUnreachable: the store did not take it.
    """
    # Content-MD5: a store refuses what arrives otherwise than it was sent.
    digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    try:
        with _translated(folder, name):
            _store().call_s3(
                "put_object",
                Bucket=folder.bucket,
                Key=folder.key(name),
                Body=data,
                ContentMD5=digest,
                # Only if there is none of this name: two machines must not write over one another.
                IfNoneMatch="*",
                Metadata={SHA256: hashlib.sha256(data).hexdigest()},
            )
    except FileExistsError:
        return False
    except FileNotFoundError as exc:
        raise ArchiveUnreachable(f"{folder} cannot be written: there is no such bucket") from exc
    return True


def has(folder: ObjectFolder, name: str, data: bytes) -> bool:
    """Whether there is an object of this name with just these bytes, as the store has it now."""
    try:
        found = _head(folder, name)
        if int(found["ContentLength"]) != len(data):
            return False
        digest = found.get("Metadata", {}).get(SHA256)
        if digest is None:  # another tool brought it there
            digest = hashlib.sha256(whole(folder, name)).hexdigest()
    except FileNotFoundError:
        return False
    return bool(digest == hashlib.sha256(data).hexdigest())


def _head(folder: ObjectFolder, name: str) -> dict[str, Any]:
    with _translated(folder, name):
        found: dict[str, Any] = _store().call_s3(
            "head_object", Bucket=folder.bucket, Key=folder.key(name), timeout=LONGEST
        )
    return found


def _store() -> Any:
    """The client. fsspec keeps one a thread and process."""
    try:
        import fsspec  # noqa: PLC0415 - an extra
        import s3fs  # noqa: F401, PLC0415 - an extra
    except ImportError as exc:
        raise ConfigurationError(NEEDS_EXTRA) from exc
    store = fsspec.filesystem("s3", use_listings_cache=False)
    store.retries = 1  # botocore has tried several times by then
    return store


class _BehindTheEnd(Exception):
    """The range begins behind the object's last byte."""


@contextmanager
def _translated(folder: ObjectFolder, name: str) -> Iterator[None]:
    """The store's errors as ours. FileNotFoundError and FileExistsError are those of the object."""
    from aiohttp import ClientError  # noqa: PLC0415 - an extra
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - an extra

    where = f"{folder}/{name}" if name else str(folder)
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as exc:
        code, words = _named(exc)
        # <Error><Code>PreconditionFailed</Code>...; where an answer has no body, botocore gives its status.
        if code in {"PreconditionFailed", "412"}:
            raise FileExistsError(errno.EEXIST, "there is an object of this name", where) from exc
        if code in {"InvalidRange", "416"}:
            raise _BehindTheEnd from exc
        if isinstance(exc, FileNotFoundError) and code != "NoSuchBucket":
            raise FileNotFoundError(errno.ENOENT, "there is no such object", where) from exc
        raise ArchiveUnreachable(f"{where} cannot be read or written: {words}") from exc


def _named(exc: Exception) -> tuple[str, str]:
    """The store's code for an error, empty if it answered none, and words for it."""
    answer = getattr(exc.__cause__, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        error = answer["Error"]
        code = str(error.get("Code", ""))
        return code, f"{code}: {error.get('Message', '')}".rstrip(": ")
    if isinstance(exc, TimeoutError):
        return "", f"it did not answer within {LONGEST} s"
    return "", " ".join(str(exc).split()) or type(exc).__name__
