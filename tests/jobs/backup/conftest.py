"""The replica, the databases and the command line, all on one folder."""

from tests.cli.conftest import (  # noqa: F401 - fixtures
    _logs_as_before,
    _own_folders,
    call,
    site,
)
