"""What is due. Pure: now is an argument."""
