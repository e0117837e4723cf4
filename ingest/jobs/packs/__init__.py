"""Fixtures, their replay on loopback, and the beginning of a source of one's own."""
