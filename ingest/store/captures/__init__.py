"""The index of the archive, and quarantine."""
