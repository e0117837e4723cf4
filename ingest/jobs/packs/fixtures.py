"""Captured pages with the answer that was accepted for them: one folder a case, named by its reason.

fixtures/<source>/<case>/page.html or page.txt    the bytes exactly as received
                         meta.json                url, captured_at, content_type, why, headers
                         answer.json              what ``thresher parse`` prints, or
                         error.json               {"error": "PageBlocked", "field": null}
                         answer.new.json          an answer nobody has accepted yet
"""

import json
import re
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.errors import ConfigurationError
from ingest.records.json_output import Json, answer_of
from parsers.errors import ThresherError
from parsers.registry import source_named
from parsers.source import NO_HEADERS

CASE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
ABSENT = "(absent)"
UNKEPT = frozenset({"set-cookie", "content-type"})
"""Headers that no fixture needs: one is a stranger's, the other has a place of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One case, read from its folder."""

    folder: Path
    source: str
    body: bytes
    url: str
    captured_at: datetime
    content_type: str | None
    headers: Mapping[str, str]
    accepted: object | None
    """The accepted answer or error as JSON values; None if nothing was accepted yet."""

    @property
    def name(self) -> str:
        """``rantburg/empty-title``."""
        return f"{self.source}/{self.folder.name}"

    def parsed(self) -> Json:
        """What the parser says now: an answer, or the error it raises."""
        source = source_named(self.source)
        try:
            page = source.parse(
                self.body,
                url=self.url,
                captured_at=self.captured_at,
                content_type=self.content_type,
                headers=self.headers,
            )
        except ThresherError as error:
            return {"error": type(error).__name__, "field": getattr(error, "field", None)}
        return answer_of(page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that is not as accepted; ``field`` is a path such as ``articles.3.title``."""

    field: str
    accepted: object
    parsed: object


def default_folder() -> Path:
    """The fixtures here, else those beside the program, else those that were installed with it."""
    beside = Path(__file__).parents[3] / "fixtures"
    installed = Path(sysconfig.get_path("data")) / "share" / "thresher" / "fixtures"
    places = (Path("fixtures"), beside, installed)
    return next((place for place in places if place.is_dir()), places[0])


def read_all(root: Path) -> list[Fixture]:
    """Every case below ``root``, by name.

    Raises:
        ConfigurationError: there is none, or a folder is not a case.
    """
    return [read_one(folder) for folder in case_folders(root)]


def case_folders(root: Path) -> list[Path]:
    """The folders of the cases below ``root``, by name; raises ConfigurationError if there is none."""
    found = [meta.parent for meta in sorted(root.glob("*/*/meta.json"))]
    if not found:
        raise ConfigurationError(f"no fixtures below {root}")
    return found


def read_one(folder: Path) -> Fixture:
    """The case in a folder."""
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        return Fixture(
            folder=folder,
            source=folder.parent.name,
            body=_page(folder).read_bytes(),
            url=meta["url"],
            captured_at=datetime.fromisoformat(meta["captured_at"]),
            content_type=meta["content_type"],
            headers=meta.get("headers", {}),
            accepted=_accepted(folder),
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ConfigurationError(f"{folder} is not a fixture: {exc!r}") from exc


def differences(accepted: object, parsed: object) -> list[Difference]:
    """Field by field, in the order of the accepted answer."""
    before, now = dict(fields_of(accepted)), dict(fields_of(parsed))
    return [
        Difference(field=field, accepted=before.get(field, ABSENT), parsed=now.get(field, ABSENT))
        for field in [*before, *(field for field in now if field not in before)]
        if before.get(field, ABSENT) != now.get(field, ABSENT)
    ]


def fields_of(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf of JSON values with its path; an empty list or object is a leaf."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from fields_of(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from fields_of(inner, f"{path}.{position}")
    else:
        yield path, value


def add(
    root: Path,
    *,
    source: str,
    name: str,
    body: bytes,
    url: str,
    captured_at: datetime,
    content_type: str | None,
    why: str,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Fixture:
    """Make a case of a page; its answer waits to be reviewed and accepted.

    Raises:
        ConfigurationError: the name is not one, or is taken.
    """
    require_case_name(name)
    source_named(source)
    folder = root / source / name
    if folder.exists():
        raise ConfigurationError(f"{folder} is there already")
    # A text rendition has no tag: its name says how it is to be looked at.
    page = "page.html" if b"<" in body[:4096] else "page.txt"
    try:
        folder.mkdir(parents=True)
        (folder / page).write_bytes(body)
    except OSError as exc:
        raise ConfigurationError(f"{folder} cannot be written: {exc.strerror}") from exc
    meta = {"url": url, "captured_at": captured_at.isoformat(), "content_type": content_type, "why": why}
    # A total may stand in a header: without those, the page of an interface proves nothing.
    kept = {name: value for name, value in headers.items() if name not in UNKEPT}
    _write(folder / "meta.json", meta | ({"headers": kept} if kept and source_named(source).lists else {}))
    fixture = read_one(folder)
    propose(fixture)
    return fixture


def is_case_name(name: str) -> bool:
    """Whether a folder of fixtures may be called so; no such name leads elsewhere."""
    return CASE_NAME.fullmatch(name) is not None


def require_case_name(name: str) -> None:
    """Raises ConfigurationError if it is none, see ``is_case_name``."""
    if not is_case_name(name):
        raise ConfigurationError(f"{name!r} is no fixture's name: use a-z, 0-9, '-', '_' and '.'")


def propose(fixture: Fixture) -> Path:
    """Write what the parser says now beside the page, to be reviewed; the file it was written to."""
    _write(fixture.folder / "answer.new.json", fixture.parsed())
    return fixture.folder / "answer.new.json"


def accept(fixture: Fixture) -> Path:
    """Write what the parser says now as the accepted answer; the file it was written to."""
    parsed = fixture.parsed()
    name, other = ("error.json", "answer.json") if "error" in parsed else ("answer.json", "error.json")
    _write(fixture.folder / name, parsed)
    (fixture.folder / other).unlink(missing_ok=True)
    (fixture.folder / "answer.new.json").unlink(missing_ok=True)
    return fixture.folder / name


def _page(folder: Path) -> Path:
    found = sorted(folder.glob("page.*"))
    if len(found) != 1:
        raise ValueError(f"{len(found)} files are named page")
    return found[0]


def _accepted(folder: Path) -> object | None:
    for name in ("answer.json", "error.json"):
        if (folder / name).exists():
            accepted: object = json.loads((folder / name).read_text("utf-8"))
            return accepted
    return None


def _write(path: Path, value: object) -> None:
    try:
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be written: {exc.strerror}") from exc
