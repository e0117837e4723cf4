"""The addresses of topics, lots of posts and listings."""

import re
from collections.abc import Sequence
from urllib.parse import urljoin

from parsers.engines.tree import absolute, split_address

# "/community/t/a-new-mast/12.json", "/t/12/posts.json"; a slug of digits alone would be an id.
TOPIC_PATH = re.compile(r"(?P<root>.*?)/t/(?:[^/]*[^/0-9][^/]*/|-/)?(?P<id>[0-9]+)(?:[./?].*)?")
LOT = 20
"""How many posts one question may ask for."""


def topic_id_of(url: str) -> str | None:
    """The topic that an address names: ``/t/SLUG/ID.json``, ``/t/ID/posts.json``."""
    found = TOPIC_PATH.fullmatch(split_address(url).path)
    return found["id"] if found is not None else None


def topic_url(url: str, topic_id: str, slug: str | None = None) -> str:
    """The topic's page for readers, on the site that an address is of."""
    name = f"{slug}/" if slug else ""
    return urljoin(url, f"{root_of(url)}/t/{name}{topic_id}")


def lots(url: str, topic_id: str, post_ids: Sequence[str]) -> tuple[str, ...]:
    """The addresses that together give these posts, twenty each, in the order of the stream."""
    start = urljoin(url, f"{root_of(url)}/t/{topic_id}/posts.json")
    return tuple(
        f"{start}?" + "&".join(f"post_ids[]={post_id}" for post_id in post_ids[first : first + LOT])
        for first in range(0, len(post_ids), LOT)
    )


def next_listing(url: str, more_topics_url: str) -> str | None:
    """The JSON address of the listing's next page: the site names the one for readers."""
    path, question, query = more_topics_url.partition("?")
    # {"more_topics_url": "/latest?page=1"} leads to the page for readers.
    json_path = path if path.endswith(".json") else f"{path}.json"
    return absolute(url, f"{json_path}{question}{query}")


def root_of(url: str) -> str:
    """The path that the forum stands below: nothing as a rule, or such as ``/community``."""
    found = TOPIC_PATH.fullmatch(split_address(url).path)
    return found["root"] if found is not None else ""
