"""Where a database keeps the revision of its schema, and what stands there while it is none."""

from sqlalchemy import column, table

VERSION_TABLE = "alembic_version"
versions = table(VERSION_TABLE, column("version_num"))
UNFINISHED_COPY = "unfinished copy"
"""In place of its revision, a database that `db copy` has not made whole."""
UNFINISHED_UPGRADE = "unfinished upgrade "
"""Before the revision that a large database is being rewritten for, in parts."""
UNFINISHED_REBUILD = "unfinished rebuild "
"""Before its revision, in a database that `db rebuild` has not made whole."""
