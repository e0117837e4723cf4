"""What several processes on one database agree by: locks, leases, claims, turns."""
