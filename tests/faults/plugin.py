"""Prints the plan's table at the end of a pytest run: row, what is expected, what was measured."""

from collections import defaultdict
from collections.abc import Iterable

import pytest

from tests.faults.plan import Row, rows

QUICK = "quick"


class Table:
    """Hears every test's end."""

    def __init__(self) -> None:
        self._came: dict[str, list[pytest.TestReport]] = defaultdict(list)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Of what has two sizes, only the full one."""
        small = [item for item in items if QUICK in _size(item)]
        items[:] = [item for item in items if item not in small]
        config.hook.pytest_deselected(items=small)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Passed, failed or skipped; a set-up that fails counts too."""
        if report.when == "call" or not report.passed:
            self._came[report.nodeid.partition("[")[0]].append(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table."""
        terminalreporter.section("faults")
        for row in rows():
            if any(node in self._came for node in row.nodes) or not row.tests:
                terminalreporter.write_line(self._line(row))

    def _line(self, row: Row) -> str:
        came = [report for node in row.nodes for report in self._came.get(node, [])]
        told = dict.fromkeys(
            figure for report in came for name, figure in report.user_properties if name == row.name
        )
        told_of = f"{row.name}  {_standing(row, came):8}{row.fault}: {row.expected}"
        return f"{told_of}\n{'':13}{_figure(row, came, told)}"


def _size(item: pytest.Item) -> str:
    ours = isinstance(item, pytest.Function) and item.nodeid.startswith("tests/faults/")
    return item.callspec.id if ours and hasattr(item, "callspec") else ""


def _standing(row: Row, came: list[pytest.TestReport]) -> str:
    if not row.tests:
        return "-"
    if any(report.failed for report in came):
        return "FAILED"
    return "passed" if any(report.passed for report in came) else "skipped"


def _figure(row: Row, came: list[pytest.TestReport], told: Iterable[str]) -> str:
    if not row.tests:
        return row.proof
    measured = "; ".join(told)
    passed, seconds = sum(report.passed for report in came), sum(report.duration for report in came)
    return measured or f"{passed} of {len(came)} tests passed in {seconds:.1f} s"


def pytest_configure(config: pytest.Config) -> None:
    """Named by ``-p tests.faults.plugin``."""
    config.pluginmanager.register(Table(), "faults-table")
