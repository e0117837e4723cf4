"""What is held, to be taken away: files for other programs, with what they lack said beside them."""
