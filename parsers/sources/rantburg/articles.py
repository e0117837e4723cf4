"""The articles of section and article pages, with their comments; what cannot be read of them is named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from parsers.errors import FieldMissing
from parsers.html import first_link, line_of, link_address, nodes_in
from parsers.records import Article, Comment, Headline, Unreadable
from parsers.sources.rantburg.block_content import article_content, comment_content
from parsers.sources.rantburg.blocks import ArticleBlock, Block, Marks, blocks_of
from parsers.sources.rantburg.body import instead, outlet
from parsers.sources.rantburg.comment import read_comment
from parsers.sources.rantburg.damage import Damage, cut_where_missing
from parsers.sources.rantburg.footer import author_and_time, day_and_section, require_article, views_and_label
from parsers.sources.rantburg.zone import ZONE
from parsers.text import collapse, render
from parsers.times import Thread, minute_of

BODY_TAG = re.compile(r"\s*<span [^>]*rQuote[^>]*>")


def read_articles(
    marks: Marks,
    url: str,
    *,
    headlines: Mapping[str, Headline],
    names: Mapping[int, str],
    truncated: bool,
) -> tuple[tuple[Article, ...], tuple[Unreadable, ...]]:
    """Every article of the page with its comments, in the page's order, and what of them cannot be read.

    Raises:
        FieldMissing, FieldMalformed: no article can be read.
        PageTruncated: a block that lacks something, on a page that has no foot.
    """
    blocks = blocks_of(marks, url, truncated=truncated)
    damage = Damage(truncated)
    reader = _Reader(url, headlines, names, damage)
    with cut_where_missing(url, truncated=truncated):
        articles = damage.read_each(blocks, reader.article)
    damage.require_any(articles)
    return tuple(articles), damage.unreadable


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the blocks of one page."""

    url: str
    headlines: Mapping[str, Headline]
    names: Mapping[int, str]
    damage: Damage

    def article(self, block: ArticleBlock) -> Article:
        """One article with its comments."""
        article_id = block.article_id or block.piece.external_id
        if not article_id:
            raise FieldMissing("article.external_id", self.url)
        (words, footer, (element, markup)), headline_cell = article_content(block, article_id, self.url)
        require_article(footer, article_id, self.url)
        author, local = author_and_time(words, "article", self.url)
        thread = Thread(ZONE)
        posted_at = thread.instant(local)
        day, section = day_and_section(footer, self.url)
        headline = self.headlines.get(article_id)
        section = headline.section if headline is not None else section
        views, label = views_and_label(footer, words)
        text, original = render(nodes_in(element), instead)
        return Article(
            external_id=article_id,
            date=day or local.date(),
            section=section,
            section_name=(self.names.get(section) or None) if section is not None else None,
            category=(headline.category if headline is not None else None) or block.category,
            title=collapse(line_of(headline_cell)),
            link=link_address(first_link(headline_cell)),
            outlet=outlet(original),
            posted_by=author,
            posted_at=posted_at,
            posted_local=minute_of(local),
            label=label,
            views=views,
            text=text,
            text_original=original,
            html=_body_markup(markup),
            comments=self._comments(block, article_id, thread),
        )

    def _comments(self, block: ArticleBlock, article_id: str, thread: Thread) -> tuple[Comment, ...]:
        def read(comment: Block) -> Comment:
            words, footer, content = comment_content(comment, self.url)
            require_article(footer, article_id, self.url)
            author, local = author_and_time(words, "comment", self.url)
            return read_comment(
                content,
                external_id=comment.piece.external_id,
                author=author,
                local=local,
                thread=thread,
                url=self.url,
            )

        return tuple(self.damage.read_each(block.comments, read, article=article_id))


def _body_markup(html: str) -> str:
    opened = BODY_TAG.match(html)
    if opened is None:
        return html.strip()
    return html[opened.end() :].rstrip().removesuffix("</span>").strip()
