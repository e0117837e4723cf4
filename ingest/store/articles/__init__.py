"""The tables of articles, comments, their versions and places."""
