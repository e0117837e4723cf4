"""What a person typed, as terms; none of it reaches a database as syntax.

A word is a run of letters and digits, without its accents and in small letters: so both databases index them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.errors import QueryInvalid

MOST_CHARACTERS = 500
"""PostgreSQL takes no word of more than 2,046 bytes, and a character may have four."""
MOST_TERMS = 32
SHORTEST_BEGINNING = 3

TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))')
WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f])+")
BETWEEN_WORDS = r"[\W_]+"
ACCENTS = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that stand one after another; of a ``beginning`` the last word may go on."""

    words: tuple[str, ...]
    beginning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a row must have, all of it, and what it must not have."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]


def terms_of(text: str) -> Terms:
    """The terms of what was typed. An open quotation mark counts as closed at the end.

    Raises:
        QueryInvalid: there is no word to look for, or too much of it.
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryInvalid(f"{len(text):,} characters are too many: search for {MOST_CHARACTERS} at most")
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for match in TERM.finditer(text):
        term = _term(match)
        if term is not None:
            (unwanted if match["minus"] else wanted).append(term)
    if not wanted:
        raise QueryInvalid(
            "there is no word to search for: a word has letters or digits, and no minus before it"
        )
    if len(wanted) + len(unwanted) > MOST_TERMS:
        raise QueryInvalid(
            f"{len(wanted) + len(unwanted)} words are too many: search for {MOST_TERMS} at most"
        )
    return Terms(wanted=tuple(wanted), unwanted=tuple(unwanted))


def _term(match: re.Match[str]) -> Term | None:
    typed = match["word"] if match["phrase"] is None else match["phrase"]
    words = words_of(typed)
    if not words:
        return None
    beginning = typed.endswith("*")
    if beginning and len(words[-1]) < SHORTEST_BEGINNING:
        raise QueryInvalid(
            f"{words[-1]}* is too short: give {SHORTEST_BEGINNING} letters before the asterisk"
        )
    return Term(words=words, beginning=beginning)


def pattern_of(term: Term) -> re.Pattern[str]:
    """Where the term stands in a plain text, to the end of its last word.

    The letters come first: so it is found fast.
    """
    first = re.escape(term.words[0])
    behind = (BETWEEN_WORDS + re.escape(word) for word in term.words[1:])
    end = r"[^\W_]*" if term.beginning else r"(?![^\W_])"
    return re.compile(rf"{first}(?<![^\W_]{first}){''.join(behind)}{end}")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple(word for match in WORD.finditer(text) if (word := plain(match[0])))


def placed_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word as it is compared, with where it begins and ends in the text."""
    for match in WORD.finditer(text):
        if word := plain(match[0]):
            yield word, match.start(), match.end()


def plain_in_place(text: str) -> str | None:
    """The text as it is compared, if each character stands where it did; None if some were put together."""
    folded = plain(text)
    if text.isascii():
        return folded
    is_whole = not ACCENTS.search(text) and unicodedata.is_normalized("NFC", text)
    return folded if is_whole and len(folded) == len(text) else None


def plain(word: str) -> str:
    """A word in small letters, without its accents."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", word.lower())))
