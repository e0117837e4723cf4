"""The command line with folders of its own."""

from tests.cli.conftest import _logs_as_before, _own_folders, call  # noqa: F401 - fixtures
