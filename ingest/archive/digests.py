"""Digests as WARC files write them: an algorithm, a colon, base32 or hex."""

import base64
import hashlib

KNOWN = {"sha1": "sha1", "sha-1": "sha1", "sha256": "sha256", "sha-256": "sha256", "md5": "md5"}


def payload_sha1(wire_body: bytes) -> str:
    """The base32 SHA-1 that the trade knows payloads by."""
    return base64.b32encode(hashlib.sha1(wire_body, usedforsecurity=False).digest()).decode("ascii")


def agrees(label: str, data: bytes) -> bool | None:
    """Whether the data has the digest that the label tells; None if the algorithm is not known."""
    name, _, told = label.partition(":")
    algorithm = KNOWN.get(name.strip().lower())
    if algorithm is None:
        return None
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    told = told.strip()
    return told.lower() == digest.hex() or told.upper().rstrip("=") == base64.b32encode(
        digest
    ).decode().rstrip("=")
