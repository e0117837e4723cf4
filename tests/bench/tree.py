"""The bare tree of a page: what no parser over selectolax can do without."""

from selectolax.lexbor import LexborHTMLParser


def parse(body: bytes, url: str) -> object:
    """The tree."""
    return LexborHTMLParser(body)
