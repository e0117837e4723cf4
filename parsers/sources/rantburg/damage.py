"""What a damaged page costs: a page cut short is an error, a hidden block is named and left out."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from parsers.errors import FieldMalformed, FieldMissing, PageTruncated
from parsers.records import Unreadable
from parsers.sources.rantburg.pieces import Piece


class SourceBlock(Protocol):
    """A block of the source, which the tree may not show whole."""

    @property
    def piece(self) -> Piece:
        """Its source."""

    @property
    def is_hidden(self) -> bool:
        """Whether the tree does not show all of it."""


SomeBlock = TypeVar("SomeBlock", bound=SourceBlock)
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Lost:
    """A block that could not be read: a comment, or a whole article."""

    article: str | None
    comment: str | None
    error: FieldMissing | FieldMalformed


@dataclass(frozen=True, slots=True)
class Damage:
    """The blocks of one page that could not be read. On a page cut short none of them is left out."""

    truncated: bool
    lost: list[Lost] = field(default_factory=list)

    def read_each(
        self, blocks: Iterable[SomeBlock], read: Callable[[SomeBlock], Read], *, article: str | None = None
    ) -> list[Read]:
        """What the articles say, or the comments of an article, without the hidden ones that are lost.

        Raises:
            FieldMissing, FieldMalformed: a block cannot be read though the tree shows it, or may not be lost.
        """
        found: list[Read] = []
        for block in blocks:
            try:
                found.append(read(block))
            except (FieldMissing, FieldMalformed) as exc:
                if self.truncated or not block.is_hidden:
                    raise
                own = block.piece.external_id
                self.lost.append(Lost(own, None, exc) if article is None else Lost(article, own, exc))
        return found

    def require_any(self, articles: list[Read]) -> None:
        """Pass a page that has an article left, or never had one.

        Raises:
            FieldMissing, FieldMalformed: all of its articles are lost.
        """
        for lost in self.lost:
            if lost.comment is None and not articles:
                raise lost.error

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The lost blocks, as the page reports them."""
        return tuple(
            Unreadable(article=lost.article, comment=lost.comment, reason=lost.error.reason)
            for lost in self.lost
        )


@contextmanager
def cut_where_missing(url: str, *, truncated: bool) -> Iterator[None]:
    """On a page without a foot, what is missing was cut off.

    Raises:
        PageTruncated: a field is missing on such a page.
    """
    try:
        yield
    except FieldMissing as exc:
        if truncated:
            raise PageTruncated(f"the page ends where {exc.field} should stand", url) from exc
        raise
