"""Digests as WARC files write them: an algorithm, a colon, base32, hex or base64."""

import base64
import binascii
import hashlib

KNOWN = {"sha1": "sha1", "sha-1": "sha1", "sha256": "sha256", "sha-256": "sha256", "md5": "md5"}


def payload_sha1(wire_body: bytes) -> str:
    """The base32 SHA-1 by which web archives know payloads."""
    return base64.b32encode(hashlib.sha1(wire_body, usedforsecurity=False).digest()).decode("ascii")


def agrees(label: str, data: bytes) -> bool | None:
    """Whether the data has the digest in the label; None if the algorithm is not known."""
    name, _, encoded = label.partition(":")
    algorithm = KNOWN.get(name.strip().lower())
    if algorithm is None:
        return None
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return _read(encoded, len(digest)) == digest


def same_spelling(label: str) -> str:
    """A digest as we write it, ``sha1:`` and base32, however it is spelled; another one as it is."""
    name, colon, encoded = label.partition(":")
    algorithm = KNOWN.get(name.strip().lower()) if colon else "sha1"
    if algorithm is None:
        return label
    digest = _read(encoded if colon else name, hashlib.new(algorithm, usedforsecurity=False).digest_size)
    return f"{algorithm}:{base64.b32encode(digest).decode('ascii')}" if digest is not None else label


def _read(encoded: str, size: int) -> bytes | None:
    """The digest's bytes, in hex, base32 or base64 by their length."""
    bare = encoded.strip().rstrip("=")
    try:
        # sha1 in hex: 40 characters, in base32: 32, in base64: 27
        if len(bare) == 2 * size:
            return bytes.fromhex(bare)
        if len(bare) == (8 * size + 4) // 5:
            return base64.b32decode(_padded(bare, 8), casefold=True)
        if len(bare) == (8 * size + 5) // 6:
            return base64.b64decode(_padded(bare, 4), altchars=_alternatives(bare))
    except (ValueError, binascii.Error):
        pass
    return None


def _padded(text: str, group: int) -> str:
    return text + "=" * (-len(text) % group)


def _alternatives(text: str) -> bytes | None:
    # The alphabet for addresses, which some tools use.
    return b"-_" if "-" in text or "_" in text else None
