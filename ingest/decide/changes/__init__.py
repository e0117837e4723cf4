"""What a page changes in what is held."""
