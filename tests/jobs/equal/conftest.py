"""The command line with folders of its own, and databases of both kinds."""

from tests.cli.conftest import _logs_as_before, _own_folders, call  # noqa: F401 - fixtures
from tests.store.conftest import new_postgresql  # noqa: F401 - a fixture
