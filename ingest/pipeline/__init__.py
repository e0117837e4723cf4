"""One page from its address to the database."""
