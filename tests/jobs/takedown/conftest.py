"""The command line, the line and the store's databases, all on one folder."""

from pathlib import Path

import pytest

from tests.cli.conftest import (  # noqa: F401 - fixtures
    _logs_as_before,
    _own_folders,
    call,
    database,
    harvest,
    made,
    site,
)
from tests.kit.rig import Rig
from tests.site.server import SiteServer
from tests.store.conftest import store, url  # noqa: F401 - fixtures


@pytest.fixture
def rig(site: SiteServer, tmp_path: Path) -> Rig:  # noqa: F811
    """The same database and archive that ``call`` uses."""
    return Rig.ready(site, tmp_path)
