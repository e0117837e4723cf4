"""Full text of articles and comments, searched in the database itself."""
