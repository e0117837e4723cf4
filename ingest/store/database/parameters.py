"""Parameters that many statements have.

A statement is built once, by a cached function, and executed with its values: building one takes the time
of reading fifty rows.
"""

from typing import Any

from sqlalchemy import BindParameter, bindparam

SOURCE: BindParameter[Any] = bindparam("source")
DAY: BindParameter[Any] = bindparam("day")
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
"""A sequence; it may be empty."""
