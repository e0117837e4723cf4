"""Runs mutants within one pytest session: collected once, and forked for each of them.

first child: every test once, noting which lines it runs and how long it takes
each other child: one function gets the mutant's code; the tests that run it, quickest first, until one fails

Nothing is written to any file: a mutant lives in the memory of its child.
"""

import functools
import gc
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Literal

import coverage
import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant

FORK = multiprocessing.get_context("fork")
MEASURING = 600.0
"""Seconds that the tests of a room may take."""

State = Literal["killed", "survived", "timed out", "not covered"]
Place = tuple[str, str, int]
"""A function's file, name and first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a mutant; ``by`` is the test that failed."""

    mutant: Mutant
    state: State
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the tests do without a mutant: their seconds, and which of them run a line; by their numbers."""

    seconds: dict[int, float]
    runs: dict[tuple[str, int], set[int]]

    def tests_of(self, file: str, lines: Iterable[int]) -> list[int]:
        """The tests that run any of the lines, quickest first."""
        found: set[int] = set()
        for line in lines:
            found |= self.runs.get((file, line), set())
        return sorted(found, key=lambda number: self.seconds[number])


DIED = "its process died"
"""As of a recursion without an end: whoever runs the tests sees that."""


class MutantRunner:
    """A plugin of pytest whose loop runs mutants instead of tests."""

    def __init__(
        self, root: Path, mutants: Sequence[Mutant], *, seconds: float, report: Callable[[Verdict], None]
    ) -> None:
        self._root = root
        self._mutants = mutants
        self._seconds = seconds
        self._report = report

    def pytest_configure(self) -> None:
        """Let property tests draw the same few examples each time."""
        from hypothesis import settings  # pytest has to rewrite it first

        settings.register_profile("mutation", max_examples=20, derandomize=True, database=None, deadline=None)
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every mutant."""
        items = session.items
        functions = functions_by_place(str(self._root))
        gc.freeze()
        files = sorted({str(self._root / one.path) for one in self._mutants})
        measured = in_child(lambda: measure(items, files), MEASURING, late="the tests take too long")
        if not isinstance(measured, Measured):
            raise pytest.UsageError(str(measured))
        for mutant in self._mutants:
            tests = measured.tests_of(str(self._root / mutant.path), mutant.lines)
            limit = self._seconds + 3 * sum(measured.seconds[one] for one in tests)
            found = in_child(lambda: killer(items, tests, mutant, functions), limit, late="late")  # noqa: B023
            state: State = "not covered" if not tests else "survived"
            if found:
                state = "timed out" if found == "late" else "killed"
            self._report(Verdict(mutant=mutant, state=state, by=str(found)))
        return True


def measure(items: Sequence[pytest.Item], files: Sequence[str]) -> Measured | str:
    """Run every test without a mutant; or which one fails."""
    seconds: dict[int, float] = {}
    watch = coverage.Coverage(data_file=None, config_file=False, include=files)
    watch.start()
    for number, item in enumerate(items):
        watch.switch_context(str(number))
        began = time.monotonic()
        if not passes(item):
            return f"without a mutant this test fails: {item.nodeid}"
        seconds[number] = time.monotonic() - began
        forget_cached()
    watch.stop()
    runs: dict[tuple[str, int], set[int]] = {}
    for file in files:
        for line, contexts in watch.get_data().contexts_by_lineno(file).items():
            runs[file, line] = {int(one) for one in contexts if one}
    return Measured(seconds=seconds, runs=runs)


def killer(
    items: Sequence[pytest.Item],
    tests: Sequence[int],
    mutant: Mutant,
    functions: dict[Place, list[FunctionType]],
) -> str:
    """The first test that sees the mutant."""
    if mutant.first_line:
        for function in functions[place_of(mutant.code)]:
            function.__code__ = mutant.code
    else:
        put_constant(mutant)
    return next((items[one].nodeid for one in tests if not passes(items[one])), "")


def passes(item: pytest.Item) -> bool:
    """Whether a test passes or is skipped."""
    return not any(one.failed for one in runtestprotocol(item, log=False, nextitem=None))


def in_child(ask: Callable[[], object], seconds: float, late: object) -> object:
    """What a function answers in a process of its own, or ``late``, or that it died of the question."""
    mine, theirs = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_answer, args=(ask, theirs))
    child.start()
    theirs.close()
    try:
        answer = mine.recv() if mine.poll(seconds) else late
    except EOFError:
        answer = DIED
    child.kill()
    child.join()
    return answer


def _answer(ask: Callable[[], object], answer: Connection) -> None:
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    answer.send(ask())


def forget_cached() -> None:
    """Empty the caches of functions: what is answered from one is not seen to run."""
    for name, module in list(sys.modules.items()):
        if name.startswith("ingest."):
            for one in vars(module).values():
                if isinstance(one, functools._lru_cache_wrapper):
                    one.cache_clear()


def functions_by_place(root: str) -> dict[Place, list[FunctionType]]:
    """All functions below a folder, whatever decorates them."""
    found: defaultdict[Place, list[FunctionType]] = defaultdict(list)
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(root):
            found[place_of(one.__code__)].append(one)
    return found


def place_of(code: CodeType) -> Place:
    """Where a function's code is from."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def put_constant(mutant: Mutant) -> None:
    """Give it its new value in its module, and in all that have imported it by name."""
    file = mutant.code.co_filename
    modules: list[Any] = list(sys.modules.values())
    (home,) = (vars(one) for one in modules if getattr(one, "__file__", None) == file)
    before, after = home[mutant.where], eval(mutant.code, home)
    for module in modules:
        if getattr(module, "__dict__", {}).get(mutant.where) is before:
            setattr(module, mutant.where, after)
