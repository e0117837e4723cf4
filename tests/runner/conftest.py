"""A site with one busy day, and the post from which its source is watched."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.databases import newest_sqlite
from tests.kit.rig import busy_day
from tests.runner.post import Post
from tests.site.server import SiteServer


@pytest.fixture(autouse=True)
def plain_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process imports its parent's main module anew: half a second of pytest for each worker."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer([busy_day()]) as site:
        yield site


@pytest.fixture
def post(site: SiteServer, tmp_path: Path) -> Iterator[Post]:
    (tmp_path / "held.sqlite3").write_bytes(newest_sqlite())
    post = Post(site, tmp_path)
    yield post
    post.close()
