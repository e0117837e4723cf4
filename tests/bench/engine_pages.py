"""How many real pages each engine reads: ``python -m tests.bench.engine_pages``.

The pages are other people's, in ``../shared/pages`` beside the project, if they are there.
*whole*: every comment is read, as many as the source text has; *partly*: some are reported as unreadable;
*refused*: an error says why; *wrong*: fewer or more than the source text has, without a word.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from parsers.engines.moments import is_whole
from parsers.engines.records import EngineComment
from parsers.errors import ParseError
from tests.parsers.engines.shared_pages import SharedPage, shared_pages

OUTCOMES = ("whole", "partly", "refused", "wrong")


def main() -> None:
    """Print a row a kind of page, what its comments lack, and the reason of each refusal."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    lacks: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: list[str] = []
    for page in shared_pages():
        outcome, comments, reason = examine(page)
        outcomes[page.kind][outcome] += 1
        lacks[page.kind]["comments"] += len(comments)
        lacks[page.kind].update(lack for comment in comments for lack in lacking(comment))
        if reason:
            reasons.append(f"{page.name}: {reason}")
    if not outcomes:
        print("the real pages are not beside the project")
        return
    print(
        f"{'kind':20}"
        + "".join(f"{outcome:>9}" for outcome in OUTCOMES)
        + "  comments, and how many lack what"
    )
    for kind, counts in sorted(outcomes.items()):
        row = "".join(f"{counts[outcome]:9}" for outcome in OUTCOMES)
        total = lacks[kind].pop("comments")
        print(
            f"{kind:20}{row}  {total}: " + ", ".join(f"{name} {n}" for name, n in lacks[kind].most_common())
        )
    print(*reasons, sep="\n")


def examine(page: SharedPage) -> tuple[str, tuple[EngineComment, ...], str]:
    """What became of a page, its comments, and the first reason that something of it could not be read."""
    try:
        parsed = page.read(page.raw)
    except ParseError as error:
        return "refused", (), f"{type(error).__name__}: {error.reason}"
    if len(parsed.comments) + len(parsed.unreadable) != page.counted():
        return "wrong", parsed.comments, f"{len(parsed.comments)} read, {page.counted()} counted"
    if parsed.unreadable:
        return "partly", parsed.comments, parsed.unreadable[0].reason
    return "whole", parsed.comments, ""


def lacking(comment: EngineComment) -> Iterator[str]:
    """The fields that a comment shown to readers does not have."""
    if comment.state == "pingback":
        yield "(pingbacks)"
        return
    for name in ("external_id", "number", "author", "author_id", "text"):
        if getattr(comment, name) in {None, ""}:
            yield name
    if comment.posted.at is None:
        yield "offset of the time" if is_whole(comment.posted) else "hour or year of the time"


if __name__ == "__main__":
    main()
