"""The thread's counter for machines, in JSON-LD or in microdata: ``userInteractionCount`` of replies is posts
less one."""

from collections.abc import Iterator, Mapping

from parsers.engines.counts import read_count
from parsers.engines.raw import RawPage
from parsers.engines.records import Claim
from parsers.engines.tree import attribute_of
from parsers.errors import ParseError
from parsers.json import loads, objects_within

# <div itemprop="interactionStatistic"><meta itemprop="userInteractionCount" content="41"> ...
MICRODATA = "[itemprop=interactionStatistic]"
KIND = "[itemprop=interactionType]"
COUNT = "[itemprop=userInteractionCount]"
# {"@type": "DiscussionForumPosting", "interactionStatistic": [{"interactionType": ..., ...}]}
BLOCKS = 'script[type="application/ld+json"]'
POSTING = "DiscussionForumPosting"
# "https://schema.org/ReplyAction"; ViewAction and LikeAction stand in the same list.
REPLIES = ("ReplyAction", "CommentAction")


def counted_replies(raw: RawPage, thread_id: str) -> tuple[Claim, ...]:
    """The counter's claim, if the page has it; views and likes are counted beside it."""
    for by, kind, printed in (*_in_json(raw), *_in_markup(raw)):
        if kind.rpartition("/")[2] in REPLIES and (count := read_count(printed)):
            claim = Claim(
                of="replies",
                count=count.value,
                printed=printed,
                exact=count.exact,
                entry_id=thread_id,
                by=by,
            )
            return (claim,)
    return ()


def _in_json(raw: RawPage) -> Iterator[tuple[str, str, str]]:
    """Where each count stands, of what it is, and the count itself."""
    for posting in _postings(raw):
        for statistic in objects_within(posting.get("interactionStatistic")):
            yield "JSON-LD", _kind_of(statistic), str(statistic.get("userInteractionCount"))


def _in_markup(raw: RawPage) -> Iterator[tuple[str, str, str]]:
    for statistic in raw.page.select(MICRODATA):
        kind, count = (attribute_of(statistic, one, "content") or "" for one in (KIND, COUNT))
        yield "microdata", kind, count


def _postings(raw: RawPage) -> Iterator[Mapping[str, object]]:
    for block in raw.page.select(BLOCKS):
        try:
            value = loads(block.text(), raw.url)
        except ParseError:
            # A block that an extension of the site broke says nothing; the printed numbers still do.
            continue
        yield from (inner for inner in objects_within(value) if inner.get("@type") == POSTING)


def _kind_of(statistic: Mapping[str, object]) -> str:
    kind = statistic.get("interactionType")
    # {"@type": "ReplyAction"} on some boards, the bare address on others.
    name = kind.get("@type") if isinstance(kind, dict) else kind
    return name if isinstance(name, str) else ""
