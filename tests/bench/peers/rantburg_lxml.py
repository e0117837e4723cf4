"""A section page read with lxml and compiled XPaths."""

from typing import Any

from lxml import html
from lxml.etree import XPath

from tests.bench.peers import rantburg as site

PARSER = html.HTMLParser(encoding="utf-8")
MARKS = XPath(
    '//tr[contains(@style, "midnightblue")] | //td[@class="hline"] | //span[starts-with(@id, "rQuote")]'
    ' | //td[a[@name]][not(@class)][not(../@style)] | //td[a[starts-with(@href, "comments.php")]]'
)
ROWS = XPath('//td/div/a[starts-with(@href, "poparticle.php")][contains(@href, "HC=")]')
HIDDEN = XPath("../../following-sibling::comment()[1]")
BESIDE = XPath("../../following-sibling::td[1]")
SECTIONS = XPath('//u/a[starts-with(@href, "?D=")]')
OTHERS = XPath('//td[@align="center"]/a[starts-with(@href, "?HC=")]')
TEXT = XPath(".//text()[not(ancestor::iframe)]")
CHANGED = XPath(".//span[@style] | .//table")
ORIGINAL = XPath(
    ".//text()[not(ancestor::iframe)][not(ancestor::span[@style])][not(ancestor::table[@style][ancestor::span])]"
    ' | .//span[@title][contains(@style, "dotted")]/@title'
)


def parse(body: bytes, url: str) -> dict[str, Any]:
    """All that the page says."""
    root = html.document_fromstring(body, parser=PARSER)
    day = site.day_of(root.find(".//big").text)
    names = site.section_names([link.text_content() for link in SECTIONS(root)])
    headlines = [_headline(link) for link in ROWS(root)]
    by_id = {row["external_id"]: row for row in headlines}
    articles = [
        site.article(date=day, names=names, headline=by_id[one["external_id"]], **one)
        for one in _blocks(root)
    ]
    others = OTHERS(root)
    own = int(url.partition("HC=")[2][0])
    head = next(div for div in root.iter("div") if "archived" in (div.text or ""))
    counters = site.counters(
        head.text_content(),
        own,
        sum(row["section"] == own for row in headlines),
        [link.text_content() for link in others],
        [link.get("href") for link in others],
    )
    return {"date": day, "articles": articles, "headlines": headlines, "counters": counters}


answer = parse


def _headline(link: Any) -> dict[str, Any]:
    cell = BESIDE(link)[0]
    return site.headline(
        link.get("href"),
        link.text or "",
        HIDDEN(link)[0].text,
        cell.text_content(),
        cell.find("a").get("href"),
    )


def _blocks(root: Any) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    category: str | None = None
    last: tuple[str, str] | None = None
    for mark in MARKS(root):
        if mark.tag == "tr":
            category = site.collapse(mark.text_content())
        elif mark.get("class") == "hline":
            name, link = mark.findall("a")
            title = {"title": link.text_content(), "link": link.get("href")}
            blocks.append({"external_id": name.get("name"), "category": category, "comments": [], **title})
            last = None
        elif mark.tag == "span":
            blocks[-1].update(_body(mark))
        elif mark.find("a").get("name"):
            last = mark.find("a").get("name"), mark.text_content()
        elif last is None:
            blocks[-1]["words"] = mark.text_content()
        else:
            blocks[-1]["comments"].append(site.comment(*last, mark.text))
    return blocks


def _body(span: Any) -> dict[str, str]:
    changed = CHANGED(span)
    for element in changed:
        if element.tag == "table":
            element.tail = f" {element.tail or ''}"
    text = site.collapse("".join(TEXT(span)))
    return {"text": text, "original": site.collapse("".join(ORIGINAL(span))) if changed else text}
