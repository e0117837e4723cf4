"""The table of a settings file that says how a fleet's workers share what is due."""

from pydantic import Field

from schedules.slices import FleetSettings
from schedules.toml_table import TomlTable


class FleetTable(TomlTable):
    """The keys of ``FleetSettings``, and what each may be."""

    pages: int = Field(default=FleetSettings.pages, ge=1)
    minutes: float = Field(default=FleetSettings.minutes, gt=0, le=1440, allow_inf_nan=False)
    heartbeat: float = Field(default=FleetSettings.heartbeat, gt=0, le=600, allow_inf_nan=False)
    tries: int = Field(default=FleetSettings.tries, ge=1)
    stalled_after: float = Field(default=FleetSettings.stalled_after, gt=0, le=3600, allow_inf_nan=False)

    @property
    def settings(self) -> FleetSettings:
        """What it says."""
        return FleetSettings(**self.model_dump())
