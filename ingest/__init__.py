"""The room that does it: network, disk, database, clock, processes and logs are only here."""
