"""A whole database into another one: its rows with their ids, whichever kind each of the two is."""
