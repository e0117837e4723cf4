"""The site's pages, from the truth of a day.

day -> section_page    head, counters, headline list, blocks with their comments, right column, foot
    -> article_page    head, one block with its comments, right column, foot
    -> comments_page   one article and its comments, newest first
    -> comments_text   the text rendition of that page
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta

from tests.site.model import Article, Comment, Day
from tests.site.pieces import html_of, one_line, shown_in, unescaped
from tests.site.templates import fill

LATEST = 20
"""How many comments the right column lists."""


def encoded(page: str, encoding: str = "utf-8") -> bytes:
    """A page as bytes; letters the encoding lacks become numeric entities."""
    return page.encode(encoding, "xmlcharrefreplace")


def section_page(day: Day, section: int) -> str:
    """One section of a day: the headlines of all sections, the articles and comments of this one."""
    return "".join(
        (
            _head(day),
            fill(
                "counters",
                section=section,
                section_name=day.names[section],
                articles_archived=day.articles_archived,
                comments_archived=day.comments_archived,
                articles_today=day.articles_today,
                comments_today=day.comments_today,
                clock=_short(day.clock),
            ),
            fill("columns"),
            fill("headlines_head"),
            *(_headlines(day, section, of) for of in sorted(day.names) if day.of_section(of)),
            "\t\t</table>\n",
            *_blocks(day, section),
            _right_column(day),
            _foot(day, section),
        )
    )


def article_page(day: Day, article_id: str) -> str:
    """One article and its comments; an id the day has not gives the frame with nothing in it."""
    shown = [article for article in day.articles if article.external_id == article_id]
    section = shown[0].section if shown else 1
    return "".join(
        (
            _head(day),
            fill("columns"),
            *(_block(day, article, article.category) for article in shown),
            _right_column(day),
            _foot(day, section),
        )
    )


def comments_page(day: Day, article_id: str) -> str:
    """One article and its comments, newest first; an unknown id gives the frame with nothing in it."""
    shown = [article for article in day.articles if article.external_id == article_id]
    return (_thread(day, shown[0]) if shown else _empty_thread(article_id)) + "</body></html>"


def comments_text(day: Day, article_id: str) -> str:
    """The text rendition of a comments page: a line a row, cells parted by `` | ``."""
    article = day.article(article_id)
    lines = [
        "Submit your comments on this article | |",
        f"{article.category or ''} | |",
        f"{one_line(article.title)} | |",
        f"{day.day} | |",
        f"{shown_in(article.body)} | |",
        f"Posted by:{article.posted_by.strip()} |",
    ]
    for number, comment in reversed(list(enumerate(article.comments, 1))):
        lines.append(f"#{number} {shown_in(comment.body)} |")
        lines.append(f"Posted by: {comment.author.strip()} {comment.posted:%Y-%m-%d %H:%M} |")
    return "".join(f"{line}\n" for line in lines)


def comment_block(article: Article, number: int, comment: Comment) -> str:
    """A comment as section and article pages show it."""
    block = fill(
        "comment",
        id=comment.external_id,
        number=number,
        body=html_of(comment.body),
        author=unescaped(comment.author),
        slashed=comment.date_shown or _slashed(comment.posted.date()),
        time=_short(comment.posted.time()),
        day=article.posted.date(),
        article_id=article.external_id,
        section=article.section,
    )
    if not comment.footless:
        return block
    footer = block.index("\t\t<tr><td style=")
    return block[:footer] + block[block.index("\t\t\t\t</tr>\n", footer) :]


def _head(day: Day) -> str:
    before = (day.day - timedelta(days=back) for back in (1, 2, 3))
    days = "".join(fill("day_before", slashed=_slashed(d), named=_named(d)) for d in before)
    return fill("head", today=_named(day.day), days_before=days)


def _headlines(day: Day, page_section: int, section: int) -> str:
    heading = fill(
        "headlines_section", slashed=_slashed(day.day), section=section, section_name=day.names[section]
    )
    rows = (_headline(day, article, own=section == page_section) for article in day.of_section(section))
    return f"{heading}{''.join(rows)}\t\t"


def _headline(day: Day, article: Article, *, own: bool) -> str:
    last = article.comments[-1] if article.comments else None
    said = {
        "count": len(article.comments),
        "time": f"{last.posted:%H:%M}" if last else "",
        "author": unescaped(last.author) if last else "",
        "views": article.views,
    }
    row = fill(
        "headline",
        slashed=_slashed(day.day),
        section=article.section,
        id=article.external_id,
        title=unescaped(article.title),
        page="" if own else f"?HC={article.section}&D={day.day}",
        category=article.category or "",
        latest=fill("headline_latest", **said) if last else "",
        comment_id=last.external_id if last else "",
        nbsp="&nbsp;" if own else "",
        **said,
    )
    return f"{row}\t\t"


def _blocks(day: Day, section: int) -> Iterator[str]:
    above: str | None = None
    for place, article in enumerate(day.of_section(section)):
        hidden = day.category_hidden and place == 0
        heading = article.category if article.category != above and not hidden else None
        above = article.category
        yield _block(day, article, heading)


def _block(day: Day, article: Article, heading: str | None) -> str:
    return "".join(
        (
            fill("block_head"),
            fill("category", category=heading) if heading else "",
            fill(
                "block",
                id=article.external_id,
                link=article.link,
                title=unescaped(article.title),
                body=html_of(article.body),
                span_end="</span>" if article.span_closed else "",
                posted_by=unescaped(article.posted_by),
                slashed=_slashed(article.posted.date()),
                time=f"{article.posted:%H:%M}",
                day=day.day,
                section=article.section,
                views=article.views,
                label=unescaped(article.label),
            ),
            *(comment_block(article, number, comment) for number, comment in enumerate(article.comments, 1)),
            "\t\t\t<br />\n",
        )
    )


def _right_column(day: Day) -> str:
    spoken = [(comment, article) for article in day.articles for comment in article.comments]
    newest = sorted(spoken, key=lambda said: said[0].posted, reverse=True)[:LATEST]
    tagged = Counter(article.label or "[untagged]" for article in day.articles)
    rows = (f"\t\t<tr><td>{n}</td><td>{unescaped(label)}</td></tr>\n" for label, n in tagged.most_common())
    return "".join(
        (
            fill("right_head"),
            *(
                fill(
                    "right_comment",
                    day=day.day,
                    id=article.external_id,
                    comment_id=comment.external_id,
                    time=f"{comment.posted:%H:%M}",
                    author=unescaped(comment.author),
                )
                for comment, article in newest
            ),
            fill("right_foot", labels="".join(rows)),
        )
    )


def _foot(day: Day, section: int) -> str:
    cells = (
        fill(
            "other_section",
            section=other,
            slashed=_slashed(day.day),
            section_name=name,
            count=len(day.of_section(other)),
        )
        for other, name in sorted(day.names.items())
        if other != section
    )
    visitor = f"<!-- {day.visitor_ip} -->\n" if day.visitor_ip else ""
    return "".join((*cells, fill("foot", visitor=visitor)))


def _thread(day: Day, article: Article) -> str:
    head = fill(
        "thread_head",
        id=article.external_id,
        category=article.category or "",
        link=article.link,
        title=unescaped(article.title),
        day=day.day,
        body=html_of(article.body),
        posted_by=unescaped(article.posted_by),
    )
    comments = (
        fill(
            "thread_comment",
            id=comment.external_id,
            number=number,
            body=html_of(comment.body),
            author=unescaped(comment.author),
            day=comment.posted.date(),
            time=f"{comment.posted:%H:%M}",
        )
        for number, comment in enumerate(article.comments, 1)
    )
    return "".join((head, *reversed(list(comments))))


def _empty_thread(article_id: str) -> str:
    return fill("thread_head", id=article_id, category="", link="", title="", day="", body="", posted_by="")


def _named(day: date) -> str:
    return f"{day:%a} {_slashed(day)}"


def _slashed(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _short(clock: time) -> str:
    return f"{clock.hour}:{clock:%M}"
