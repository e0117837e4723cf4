"""Asks the console as a browser would, without one: what is sent and what is answered, in this process."""

import asyncio
from collections.abc import Mapping

import httpx

from ingest.console.application import Console
from ingest.runner.monitoring.http import application

PORT = 8320
ORIGIN = f"http://127.0.0.1:{PORT}"


class Browser:
    """Keeps no cookies of its own accord and follows no redirect."""

    def __init__(self, console: Console) -> None:
        self._application = application({}, PORT, mounted=console.application)

    def get(self, address: str, **headers: str) -> httpx.Response:
        return self.ask("GET", address, headers)

    def post(
        self,
        address: str,
        *,
        origin: str | None = ORIGIN,
        form: Mapping[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        return self.ask("POST", address, headers | ({"Origin": origin} if origin else {}), form)

    def ask(
        self, method: str, address: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._application, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                return await client.request(method, address, headers=headers, data=form)

        return asyncio.run(asked())
