"""A replica with a past, its database lost, and what is made anew from the archive beside what was lost."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ingest.jobs.rebuild.run import RebuildReport, rebuild
from ingest.jobs.takedown.forget import forget
from ingest.pipeline.workspace import Workspace
from ingest.records.takedown import TakedownTarget
from ingest.store import Store
from tests.kit import rows
from tests.kit.fakes import FakeClock
from tests.kit.rig import Rig
from tests.kit.sites import SiteRig

OF_ROWS = {"id", "article_id", "comment_id", "capture_id", "run_id", "refers_to"}
"""Numbers of rows, which another order of loading gives otherwise."""
SAME = {
    "articles": OF_ROWS,
    "comments": OF_ROWS,
    "article_versions": OF_ROWS,
    "comment_versions": OF_ROWS,
    "places": OF_ROWS,
    "suppressed": OF_ROWS,
    "quarantine": OF_ROWS | {"first_failed_at", "last_failed_at"},
    "captures": OF_ROWS,
    "pages": OF_ROWS | {"fence"},
}
"""The tables that are the same after a rebuild, but for these columns."""


class TickingClock(FakeClock):
    """No two captures are of one moment, as on a real site."""

    def now(self) -> datetime:
        self.advance(0.001)
        return super().now()


def kept(url: str) -> dict[str, list[str]]:
    """What of a database is to be the same; each capture by its place."""
    found = {}
    for name, left_out in SAME.items():
        plain = [
            {key: value for key, value in row.items() if key not in left_out} for row in rows.table(url, name)
        ]
        found[name] = sorted(str(_to_the_minute(row)) for row in plain)
    places = {row["id"]: (row["warc_file"], row["warc_offset"]) for row in rows.table(url, "captures")}
    for name in ("captures", "articles", "comments", "pages"):
        column = "refers_to" if name == "captures" else "capture_id"
        found[f"{name}.{column}"] = sorted(str(places.get(row[column])) for row in rows.table(url, name))
    return found


def _to_the_minute(row: dict[str, Any]) -> dict[str, Any]:
    """A page that failed rests from when that was seen, which was a moment after its capture."""
    rests = row.get("not_before")
    return row | {"not_before": rests.replace(second=0, microsecond=0)} if rests is not None else row


def take_down(rig: Rig | SiteRig, source: str, article: str, comment: str | None = None) -> None:
    """``thresher forget``."""
    rig.clock.advance(60)
    with Store.open(rig.url) as store:
        what = TakedownTarget(source=source, article=article, comment=comment)
        forget(what, rig.workspace(store), reason="asked", progress=lambda _done, _total: None)


def rebuilt(rig: Rig | SiteRig, url: str, *, workers: int = 1) -> RebuildReport:
    """Make a database from the rig's archive."""
    settings = replace(rig.settings, database=url)
    with Store.open(url) as store:
        workspace = Workspace(settings=settings, store=store, clock=rig.clock)
        return rebuild(workspace, workers=workers, progress=lambda _done, _total: None)
