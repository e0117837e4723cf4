"""WordPress: articles and comments by its REST interface, and comment lists in HTML where that is closed."""

from parsers.engines.wordpress.comment_list import read_html
from parsers.engines.wordpress.rest_comments import read_comments
from parsers.engines.wordpress.rest_posts import read_posts
from parsers.engines.wordpress.site import read_site

__all__ = ["read_comments", "read_html", "read_posts", "read_site"]
