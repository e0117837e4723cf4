"""The rights of what is made in the archive, for a database and beside it; what is there keeps its own."""

OWNERS_FILE = 0o600
OWNERS_FOLDER = 0o700
