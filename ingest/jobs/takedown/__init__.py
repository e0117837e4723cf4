"""Words leave the database, captures the archive."""
