"""What every part of the harness is given."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

IN_MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def plain_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process imports its parent's main module anew: half a second of pytest for each worker."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Called with a row of the plan and what was measured for it; ``make faults`` prints both."""

    def keep(row: str, measured: str) -> None:
        request.node.user_properties.append((row, measured))
        print(f"{row}: {measured}")

    return keep


@pytest.fixture
def ram_path(tmp_path: Path) -> Iterator[Path]:
    """A folder where a sync costs nothing, where there is one: for what proves nothing of the disk."""
    if not IN_MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="thresher-", dir=IN_MEMORY) as folder:
        yield Path(folder)
