"""Text that cannot steer the terminal it is printed on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


def safe(value: object) -> "Text":
    """A value as plain text: control characters cannot reach the terminal."""
    from rich.text import Text

    return Text("".join(c if c.isprintable() else " " for c in str(value if value is not None else "")))
