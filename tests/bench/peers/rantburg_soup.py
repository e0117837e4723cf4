"""A section page read with BeautifulSoup over lxml, its quickest builder."""

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Comment, NavigableString, Tag

from tests.bench.peers import rantburg as site


def parse(body: bytes, url: str) -> dict[str, Any]:
    """All that the page says."""
    soup = BeautifulSoup(body, "lxml", from_encoding="utf-8")
    day = site.day_of(soup.find("big").get_text())
    names = site.section_names([link.get_text() for link in soup.select('u > a[href^="?D="]')])
    rows = soup.select('td > div > a[href^="poparticle.php"][href*="HC="]')
    headlines = [_headline(link) for link in rows]
    by_id = {row["external_id"]: row for row in headlines}
    articles = [
        site.article(date=day, names=names, headline=by_id[one["external_id"]], **one)
        for one in _blocks(soup)
    ]
    others = soup.select('td[align="center"] > a[href^="?HC="]')
    own = int(url.partition("HC=")[2][0])
    counters = site.counters(
        soup.find("div", style="width:200px").get_text(" "),
        own,
        sum(row["section"] == own for row in headlines),
        [link.get_text() for link in others],
        [link["href"] for link in others],
    )
    return {"date": day, "articles": articles, "headlines": headlines, "counters": counters}


answer = parse


def _headline(link: Tag) -> dict[str, Any]:
    title_cell = link.parent.parent
    cell = title_cell.find_next_sibling("td")
    hidden = title_cell.find_next_sibling(string=lambda text: isinstance(text, Comment))
    return site.headline(link["href"], link.get_text(), hidden, cell.get_text(), cell.find("a")["href"])


def _blocks(soup: BeautifulSoup) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    category: str | None = None
    last: tuple[str, str] | None = None
    for mark in soup.find_all(["tr", "td", "span"]):
        kind, link = _kind(mark)
        if kind == "category":
            category = site.collapse(mark.get_text())
        elif kind == "article":
            blocks.append({"category": category, "comments": [], **_heading(mark)})
            last = None
        elif kind == "body":
            blocks[-1].update(_body(mark))
        elif kind == "comment":
            last = link["name"], mark.get_text()
        elif kind == "footer" and last is None:
            blocks[-1]["words"] = mark.get_text()
        elif kind == "footer":
            blocks[-1]["comments"].append(site.comment(*last, mark.contents[0]))
    return blocks


def _kind(mark: Tag) -> tuple[str | None, Tag | None]:
    if mark.name == "tr":
        return "category" if "midnightblue" in mark.get("style", "") else None, None
    if mark.name == "span":
        return "body" if mark.get("id", "").startswith("rQuote") else None, None
    if mark.get("class") == ["hline"]:
        return "article", None
    return _kind_of_link(mark)


def _kind_of_link(cell: Tag) -> tuple[str | None, Tag | None]:
    link = cell.find("a", recursive=False)
    if link is None:
        return None, None
    if link.get("href", "").startswith("comments.php"):
        return "footer", link
    return "comment" if "name" in link.attrs and not cell.parent.get("style") else None, link


def _heading(cell: Tag) -> dict[str, Any]:
    name, link = cell.find_all("a", recursive=False)
    return {"external_id": name["name"], "title": link.get_text(), "link": link["href"]}


def _body(span: Tag) -> dict[str, str]:
    text = site.collapse("".join(_words(span, original=False)))
    changed = span.find(["span", "table"]) is not None
    return {
        "text": text,
        "original": site.collapse("".join(_words(span, original=True))) if changed else text,
    }


def _words(element: Tag, *, original: bool) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, NavigableString):
            yield str(child)
        elif child.name == "iframe":
            continue
        elif original and child.name == "span" and child.get("style"):
            yield child.get("title", "") if "dotted" in child["style"] else ""
        elif child.name == "table":
            yield f" {'' if original else child.get_text()} "
        else:
            yield from _words(child, original=original)
