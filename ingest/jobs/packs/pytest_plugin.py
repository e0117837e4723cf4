"""A pytest plugin, the only door to pytest: what every source keeps, among the tests of a source pack.

    [tool.pytest.ini_options]
    thresher_source = "harbour"

Every check of ``source check`` is a test then, on the fixtures below ``fixtures`` beside the settings, or
below the folder that ``thresher_fixtures`` names. Where no source is named, nothing else is loaded.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ingest.jobs.packs.conformance import Verdict

SOURCE = "thresher_source"
FIXTURES = "thresher_fixtures"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a pack says in its settings of pytest."""
    parser.addini(SOURCE, "name of the thresher source whose fixtures are checked", default="")
    parser.addini(FIXTURES, "folder of its fixtures", type="string", default="fixtures")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """The checks join the tests, before any are deselected; a run of named files is of those alone."""
    if config.getini(SOURCE) and not _names_files(config):
        items.extend(_checks(session, config.getini(SOURCE)))


def _names_files(config: pytest.Config) -> bool:
    chosen = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else ()
    return any("::" in one or one.endswith(".py") for one in chosen)


def _checks(session: pytest.Session, source: str) -> Iterator[pytest.Item]:
    from ingest.jobs.packs.conformance import CHECKS

    for check in CHECKS:
        nodeid = f"thresher::{source}::{check}"
        yield CheckItem.from_parent(session, name=check, nodeid=nodeid)


class CheckItem(pytest.Item):
    """One check of the source that the settings name."""

    def runtest(self) -> None:
        """Fails by what breaks the check; a check without a case is skipped."""
        verdict = self._verdict()
        if verdict.problems:
            pytest.fail("\n".join(verdict.problems), pytrace=False)
        if not verdict.tried:
            pytest.skip("no fixture is a case of it")

    def _verdict(self) -> "Verdict":
        from ingest.jobs.packs.conformance import check_samples
        from ingest.jobs.packs.samples import read_samples
        from parsers.registry import source_named

        source = source_named(self.config.getini(SOURCE))
        return check_samples(
            self.name, source, read_samples(source, self.config.rootpath / self.config.getini(FIXTURES))
        )

    def reportinfo(self) -> tuple[str, None, str]:
        """What a report calls it."""
        return str(self.config.rootpath), None, self.nodeid
