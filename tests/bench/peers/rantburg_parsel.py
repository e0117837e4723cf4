"""A section page read with parsel, Scrapy's selectors; the spiders read pages with this, too."""

from typing import Any

from parsel import Selector

from tests.bench.peers import rantburg as site

MARKS = (
    '//tr[contains(@style, "midnightblue")] | //td[@class="hline"] | //span[starts-with(@id, "rQuote")]'
    ' | //td[a[@name]][not(@class)][not(../@style)] | //td[a[starts-with(@href, "comments.php")]]'
)
ROWS = '//td/div/a[starts-with(@href, "poparticle.php")][contains(@href, "HC=")]'
OTHERS = '//td[@align="center"]/a[starts-with(@href, "?HC=")]'
ORIGINAL = (
    ".//text()[not(ancestor::iframe)][not(ancestor::span[@style])][not(ancestor::table[@style][ancestor::span])]"
    ' | .//span[@title][contains(@style, "dotted")]/@title'
)


def parse(body: bytes, url: str) -> dict[str, Any]:
    """All that the page says."""
    return read(Selector(body=body, encoding="utf-8", type="html"), url)


answer = parse


def read(page: Selector, url: str) -> dict[str, Any]:
    """The same, of a page that is a tree already."""
    day = site.day_of(page.css("big::text").get(""))
    names = site.section_names(page.xpath('//u/a[starts-with(@href, "?D=")]/text()').getall())
    headlines = [_headline(link) for link in page.xpath(ROWS)]
    by_id = {row["external_id"]: row for row in headlines}
    articles = [
        site.article(date=day, names=names, headline=by_id[one["external_id"]], **one)
        for one in _blocks(page)
    ]
    others = page.xpath(OTHERS)
    own = int(url.partition("HC=")[2][0])
    counters = site.counters(
        " ".join(page.xpath('//div[contains(text(), "archived")]//text()').getall()),
        own,
        sum(row["section"] == own for row in headlines),
        others.xpath("string()").getall(),
        others.xpath("@href").getall(),
    )
    return {"date": day, "articles": articles, "headlines": headlines, "counters": counters}


def _headline(link: Selector) -> dict[str, Any]:
    cell = link.xpath("../../following-sibling::td[1]")
    return site.headline(
        link.attrib["href"],
        link.xpath("text()").get(""),
        link.xpath("../../following-sibling::comment()[1]").get(""),
        cell.xpath("string()").get(""),
        cell.css("a::attr(href)").get(""),
    )


def _blocks(page: Selector) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    category: str | None = None
    last: tuple[str, str] | None = None
    for mark in page.xpath(MARKS):
        if mark.root.tag == "tr":
            category = site.collapse(mark.xpath("string()").get(""))
        elif mark.attrib.get("class") == "hline":
            link = mark.css("a[href]")
            title = {"title": link.xpath("string()").get(""), "link": link.attrib["href"]}
            own = mark.css("a::attr(name)").get("")
            blocks.append({"external_id": own, "category": category, "comments": [], **title})
            last = None
        elif mark.root.tag == "span":
            blocks[-1].update(_body(mark))
        elif (name := mark.css("a::attr(name)").get()) is not None:
            last = name, mark.xpath("string()").get("")
        elif last is None:
            blocks[-1]["words"] = mark.xpath("string()").get("")
        else:
            blocks[-1]["comments"].append(site.comment(*last, mark.xpath("text()").get("")))
    return blocks


def _body(span: Selector) -> dict[str, str]:
    changed = span.css("span[style], table")
    for element in changed:
        if element.root.tag == "table":
            element.root.tail = f" {element.root.tail or ''}"
    text = site.collapse("".join(span.xpath(".//text()[not(ancestor::iframe)]").getall()))
    return {
        "text": text,
        "original": site.collapse("".join(span.xpath(ORIGINAL).getall())) if changed else text,
    }
