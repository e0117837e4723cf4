"""Discourse: topics and listings in JSON, and topic pages in HTML where only those were kept."""

from parsers.engines.discourse.html_page import read_html
from parsers.engines.discourse.listing import read_listing
from parsers.engines.discourse.topic import read_lot, read_topic

__all__ = ["read_html", "read_listing", "read_lot", "read_topic"]
