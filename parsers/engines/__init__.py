"""The parsers of kinds of site software; an engine becomes a source by a site's settings."""
