"""The table of a settings file that says how a fleet's workers share what is due."""

from pydantic import Field

from schedules.slices import FleetSettings
from schedules.toml_table import TomlTable


class FleetTable(TomlTable):
    """How long a slice is, and when a worker is taken for dead."""

    pages: int = Field(FleetSettings.pages, ge=1, description="The most pages of a slice.")
    minutes: float = Field(
        FleetSettings.minutes, gt=0, le=1440, allow_inf_nan=False, description="How long a slice may last."
    )
    heartbeat: float = Field(
        FleetSettings.heartbeat,
        gt=0,
        le=600,
        allow_inf_nan=False,
        description="Seconds between a worker's signs of life.",
    )
    tries: int = Field(
        FleetSettings.tries, ge=1, description="So many workers may die at an order before it gets on."
    )
    stalled_after: float = Field(
        FleetSettings.stalled_after,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds until a silent worker is taken for dead.",
    )

    @property
    def settings(self) -> FleetSettings:
        """What it says."""
        return FleetSettings(**self.model_dump())
