"""The error of this room; the root of the tree is in ``parsers/errors.py``.

ThresherError
└── ScheduleInvalid(schedule, key, value)   a key of a schedule is invalid or missing
"""

from parsers.errors import ThresherError


class ScheduleInvalid(ThresherError):
    """A key of a schedule is invalid: correct the file. ``value`` is None where the key is missing."""

    def __init__(self, schedule: str, key: str, value: object, why: str) -> None:
        setting = f"{key} is missing" if value is None else f"{key} = {value!r}"
        super().__init__(f"{schedule}: {setting}: {why}")
        self.schedule = schedule
        self.key = key
        self.value = value
