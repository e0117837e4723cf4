"""How the workers of a fleet share what is due: the most that one does at a host before another may."""

from pydantic import Field

from schedules.toml_table import TomlTable


class FleetSettings(TomlTable):
    """A slice's pages and minutes, and the seconds between a worker's signs of life and until it is dead.

    ``tries``: so many workers may die at an order before it gets on.
    """

    pages: int = Field(default=200, ge=1)
    minutes: float = Field(default=10.0, gt=0, le=1440, allow_inf_nan=False)
    heartbeat: float = Field(default=10.0, gt=0, le=600, allow_inf_nan=False)
    tries: int = Field(default=10, ge=1)
    stalled_after: float = Field(default=45.0, gt=0, le=3600, allow_inf_nan=False)
