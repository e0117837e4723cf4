"""The thread's counter for machines: JSON-LD, where ``userInteractionCount`` of replies is posts less one."""

from collections.abc import Iterator, Mapping

from parsers.engines.counts import read_count
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim
from parsers.errors import ParseError
from parsers.json import loads, objects_within

BLOCKS = 'script[type="application/ld+json"]'
POSTING = "DiscussionForumPosting"
REPLIES = ("ReplyAction", "CommentAction")


def counted_replies(raw: RawPage, thread_id: str) -> tuple[Claim, ...]:
    """The counter's claim, if the page has it; views and likes are counted beside it."""
    for posting in _postings(raw):
        for statistic in objects_within(posting.get("interactionStatistic")):
            printed = str(statistic.get("userInteractionCount"))
            if _counts_replies(statistic) and (count := read_count(printed)):
                claim = Claim(
                    of="replies",
                    count=count.value,
                    printed=printed,
                    exact=count.exact,
                    entry_id=thread_id,
                    by="JSON-LD",
                )
                return (claim,)
    return ()


def _postings(raw: RawPage) -> Iterator[Mapping[str, object]]:
    for block in raw.page.select(BLOCKS):
        try:
            value = loads(block.text(), raw.url)
        except ParseError:
            # A block that an extension of the site broke says nothing; the printed numbers still do.
            continue
        yield from (inner for inner in objects_within(value) if inner.get("@type") == POSTING)


def _counts_replies(statistic: Mapping[str, object]) -> bool:
    kind = statistic.get("interactionType")
    name = kind.get("@type") if isinstance(kind, dict) else kind
    return isinstance(name, str) and name.rpartition("/")[2] in REPLIES
