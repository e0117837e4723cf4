"""JSON answers to typed values: what is absent, of another type or cut short is an error that names it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from parsers.encoding import decode
from parsers.errors import FieldMalformed, FieldMissing, PageTruncated, PageUnrecognised
from parsers.records import storable

# A number or a text alone is JSON as well, and never an answer of an interface.
BEGINNINGS = ("{", "[")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonObject:
    """One object of an answer; ``name`` is how errors call it, such as ``post``."""

    members: Mapping[str, object]
    name: str
    url: str

    def text(self, key: str) -> str:
        """A text that must be there; a number is written out.

        Raises:
            FieldMissing: it is absent or null.
            FieldMalformed: it is neither a text nor a number.
        """
        value = self.optional_text(key)
        if value is None:
            raise FieldMissing(f"{self.name}.{key}", self.url)
        return value

    def optional_text(self, key: str) -> str | None:
        """A text or a number as text; None if it is absent or null."""
        value = self.members.get(key)
        if value is None or isinstance(value, str):
            return storable(value) if value is not None else None
        # true is an int to Python.
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self._malformed(key)

    def integer(self, key: str) -> int:
        """A whole number that must be there; one that is written as a text counts as well."""
        value = self.optional_integer(key)
        if value is None:
            raise FieldMissing(f"{self.name}.{key}", self.url)
        return value

    def optional_integer(self, key: str) -> int | None:
        """A whole number; None if it is absent or null."""
        value = self.optional_text(key)
        if value is None:
            return None
        digits = value.removeprefix("-")
        # Eighteen digits fit the database's BIGINT.
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            raise self._malformed(key)
        return int(value)

    def flag(self, key: str) -> bool:
        """Whether a member is there and true."""
        # "false" as a text is true to Python.
        return self.members.get(key) is True

    def child(self, key: str) -> "JsonObject":
        """The object in a member."""
        value = self.members.get(key)
        if value is None:
            raise FieldMissing(f"{self.name}.{key}", self.url)
        return as_object(value, name=f"{self.name}.{key}", url=self.url)

    def children(self, key: str, name: str) -> list["JsonObject"]:
        """The objects of the array in a member, each called by ``name``."""
        return [as_object(value, name=name, url=self.url) for value in self.values(key)]

    def values(self, key: str) -> list[object]:
        """The array in a member."""
        value = self.members.get(key)
        if value is None:
            raise FieldMissing(f"{self.name}.{key}", self.url)
        if not isinstance(value, list):
            raise self._malformed(key)
        return value

    def _malformed(self, key: str) -> FieldMalformed:
        return FieldMalformed(f"{self.name}.{key}", repr(self.members.get(key))[:80], self.url)


def as_object(value: object, *, name: str, url: str) -> JsonObject:
    """A value that must be an object."""
    if not isinstance(value, dict):
        raise FieldMalformed(name, repr(value)[:80], url)
    return JsonObject(members=value, name=name, url=url)


def read_json(body: bytes, url: str, content_type: str | None = None) -> object:
    """The value of a JSON answer.

    Raises:
        PageTruncated: the answer ends before its JSON does.
        PageUnrecognised: the answer is not JSON, or words stand before or behind it.
    """
    return loads(decode(body, content_type).text, url)


def loads(text: str, url: str) -> object:
    """The value of a JSON text; the same errors as ``read_json``."""
    stripped = text.strip()
    if not stripped.startswith(BEGINNINGS):
        raise PageUnrecognised(_opening(stripped), url)
    try:
        # Python reads NaN and Infinity, which no standard has.
        return json.loads(stripped, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _unreadable(error, stripped, url) from error
    # A hundred thousand brackets, or a number of more digits than Python converts.
    except (ValueError, RecursionError) as error:
        raise PageUnrecognised(f"the JSON cannot be read: {type(error).__name__}", url) from error


def objects_within(value: object) -> Iterator[Mapping[str, object]]:
    """Every object in a value, outermost first, such as the nodes of a JSON-LD graph."""
    pending = [value]
    while pending:
        inner = pending.pop()
        if isinstance(inner, dict):
            yield inner
            pending.extend(reversed(inner.values()))
        elif isinstance(inner, list):
            pending.extend(reversed(inner))


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _opening(text: str) -> str:
    if not text:
        return "the answer is empty where JSON is due"
    # <b>Warning</b>: ... [{"id": 12}]: a program's notice before its answer
    if any(f"{beginning}" in text for beginning in ('[{"', '{"')):
        return f"words stand before the JSON: {text[:40]!r}"
    return f"the answer is no JSON: it begins {text[:40]!r}"


def _unreadable(error: json.JSONDecodeError, text: str, url: str) -> PageUnrecognised:
    if error.msg == "Extra data":
        return PageUnrecognised(f"words stand behind the JSON: {text[error.pos : error.pos + 40]!r}", url)
    # {"posts": [{"id": 12, "cook
    if not text.endswith(("}", "]")) or error.pos >= len(text):
        return PageTruncated(f"the JSON ends at character {len(text)} in the middle of a value", url)
    return PageUnrecognised(f"the JSON is broken at character {error.pos}: {error.msg}", url)
