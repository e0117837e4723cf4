"""Names and sentences are in plain English: some words that stood for too many things are not used."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("ingest", "parsers", "schedules", "docs")
ENDINGS = {".py", ".md", ".toml"}

WORDS = ("told", "came", "looked after", "cannot be meant", "cannot be had")
"""*told* was a report, a callback, a JSON object and an error's text: say which."""
WORD = re.compile(rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
"""In sentences and in names: ``_told``, ``nothing_came``; *outcome* and *became* are other words."""

QUOTATIONS: frozenset[str] = frozenset()
"""Lines that quote a page or a standard, whose words are not ours."""


def findings(name: str, text: str) -> list[str]:
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    return [
        f"{name}:{number}: {line}" for number, line in lines if WORD.search(line) and line not in QUOTATIONS
    ]


def pages() -> list[Path]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*")))
    return [ROOT / "README.md", *(path for path in paths if path.suffix in ENDINGS)]


def test_every_name_and_sentence_is_in_plain_english() -> None:
    assert len(pages()) > 100
    wrong = [
        line for path in pages() for line in findings(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize("line", ["What came of it.", "def _told(", "nothing_came = True", "Told = str"])
def test_a_finding_names_its_file_and_line(line: str) -> None:
    assert findings("ingest/x.py", f"\n    {line}\n") == [f"ingest/x.py:2: {line}"]


def test_words_that_only_contain_one_are_no_findings() -> None:
    assert findings("x", "The outcome became an answer; it was looked at after that.") == []
