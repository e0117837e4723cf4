"""The loopback site that answers as badly as it is told to."""

import pytest

from tests.fetch.faulty_server import FaultyServer
from tests.kit.fakes import FakeClock


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def site(clock):
    async with FaultyServer(clock) as server:
        yield server
