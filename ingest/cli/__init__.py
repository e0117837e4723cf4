"""The command line."""

from parsers.packs import pass_over_unreadable

# Before anything is imported that reads the entry points of all distributions while it is imported.
pass_over_unreadable()
