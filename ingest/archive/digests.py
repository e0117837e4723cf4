"""Digests as WARC files write them: an algorithm, a colon, then base32, base64 or hex."""

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
    told = told.strip().rstrip("=")
    # Capitals are one with small letters in base32 and hex; in base64 they are other digits.
    return told in _base64s(digest) or told.lower() in {
        digest.hex(),
        _unpadded(base64.b32encode(digest)).lower(),
    }


def _base64s(digest: bytes) -> set[str]:
    return {_unpadded(code(digest)) for code in (base64.b64encode, base64.urlsafe_b64encode)}


def _unpadded(coded: bytes) -> str:
    return coded.decode("ascii").rstrip("=")
