"""The site's wall clock shows New York's time (assumed: no page names its zone)."""

from zoneinfo import ZoneInfo

ZONE_NAME = "America/New_York"
ZONE = ZoneInfo(ZONE_NAME)
