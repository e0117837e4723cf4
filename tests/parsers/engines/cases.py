"""The invented answers of engines in ``fixtures/engines``, with what a perfect parser says of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from parsers.engines.raw import RawPage
from parsers.engines.records import EnginePage, SiteFacts

ROOT = Path(__file__).parents[3] / "fixtures" / "engines"
Reader = Callable[[RawPage], EnginePage | SiteFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One answer: its bytes, how it came, and the accepted answer or the error that is due."""

    name: str
    body: bytes
    url: str
    headers: Mapping[str, str]
    zone: str | None
    reader: Reader
    answer: dict[str, object] | None
    error: dict[str, str] | None

    def read(self, body: bytes | None = None, **headers: str) -> EnginePage | SiteFacts:
        """What the engine says of the answer, or of another body in its place."""
        zone = ZoneInfo(self.zone) if self.zone else None
        page = RawPage(self.body if body is None else body, self.url, {**self.headers, **headers}, zone)
        return self.reader(page)


def reader_of(engine: str, name: str) -> Reader:
    """A parse function of an engine's front door."""
    return getattr(import_module(f"parsers.engines.{engine}"), name)


def all_cases() -> list[Case]:
    """Every case, by name."""
    return [_case(meta.parent) for meta in sorted(ROOT.glob("*/*/meta.json"))]


def plain(value: object) -> object:
    """A record as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def accepted_fields(answer: object, path: str = "") -> Iterator[tuple[str, object]]:
    """The values of an accepted answer by their paths; a list's length is one of them."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield from accepted_fields(value, f"{path}.{key}".lstrip("."))
    elif isinstance(answer, list):
        yield f"{path}.length", len(answer)
        for index, value in enumerate(answer):
            yield from accepted_fields(value, f"{path}.{index}")
    else:
        yield path, answer


def _case(folder: Path) -> Case:
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    page = next(folder.glob("page.*"))
    engine = folder.parent.name
    return Case(
        name=f"{engine}/{folder.name}",
        body=page.read_bytes(),
        url=meta["url"],
        headers=meta["headers"],
        zone=meta["zone"],
        reader=reader_of(engine, meta["reader"]),
        answer=_json(folder / "answer.json"),
        error=_json(folder / "error.json"),
    )


def _json(path: Path) -> dict | None:
    return json.loads(path.read_text("utf-8")) if path.exists() else None
