"""What a command does, from lock to report."""
