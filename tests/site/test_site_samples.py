"""The test source prints what was observed: two articles of the samples, told anew, come out the same."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.site.model import Article, Comment, Day
from tests.site.pieces import Break, Note, Outlet, Text
from tests.site.render import comments_page, comments_text, section_page
from tests.site.truth import section_answer

SAMPLES = Path(__file__).parents[2].parent / "shared" / "site"
"""The observed samples, where the project stands beside them."""

NOTE = (
    "Bridge shelter budget harbour market narrow orchard public weather office harbour message railway "
    "copper."
)
NOTED = (
    "Meeting signal journal copper copper northern ordinary winter copper engine tower signal public "
    "railway garden quiet engine"
)
SAID_OF_IT = (
    "Committee factory narrow budget journal shelter meeting shelter narrow signal shelter message narrow "
    "broken signal committee signal."
)
PLAIN = (
    "Ordinary station journal lantern engine river heavy river captain market weather message market weather."
)
SAID_OF_PLAIN = "Meeting winter copper heavy winter valley northern early office letter copper ordinary."
LINKS = "https://news.example/2018/03/23"


def _transcribed() -> Day:
    noted = Article(
        external_id="510743",
        section=1,
        category="Home Front: WoT",
        title="Harbour broken letter broken engine lantern public signal",
        link=f"{LINKS}/510743-harbour-broken-letter-broken-engine-lantern-public-signal",
        posted_by="badanov",
        posted=datetime(2018, 3, 23, 0, 7),
        label="Harbour Board",
        views=41,
        body=(Outlet("WireService"), Text(NOTED), Note(NOTE), Text("."), Break(2)),
        comments=(_said("4038092", "g(r)omgoru", datetime(2018, 3, 23, 5, 41), SAID_OF_IT),),
    )
    plain = replace(
        noted,
        external_id="510741",
        title="Orchard budget lantern orchard harbour\n",
        link=f"{LINKS}/510741-orchard-budget-lantern-orchard-harbour",
        posted_by="Bright Pebbles",
        posted=datetime(2018, 3, 23, 0, 53),
        label="Sublime Porte",
        views=25,
        body=(Outlet("DailyHerald"), Text(PLAIN), Break(2)),
        comments=(_said("4037964", "Abu Uluque", datetime(2018, 3, 23, 4, 51), SAID_OF_PLAIN),),
    )
    return Day(day=date(2018, 3, 23), articles=(noted, plain))


def _said(external_id: str, author: str, posted: datetime, words: str) -> Comment:
    return Comment(external_id=external_id, author=author, posted=posted, body=(Text(words),))


def _sample(name: str) -> str:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the observed samples do not stand beside the project")
    return path.read_bytes().decode()


def _blocks(page: str) -> str:
    return page[
        page.index('\t\t<tr>\n\t<td class="hline">') : page.index("\t</div>\n\t</td> <!-- Layout table")
    ]


def test_markup_is_the_samples_tab_for_tab() -> None:
    sample, page = _sample("sample-section-page.html"), section_page(_transcribed(), 1)
    rows = page[page.index("\t\t<tr style=") : page.index("\t\t</table>\n")]
    assert _blocks(page) in sample
    assert rows.rstrip("\t") in sample
    assert page[: page.index("\t\t\t<table align=center>")] in sample
    assert page.endswith(sample[sample.index("\t\t</tr>\n\t</table>\n</body>") :])


def test_comments_page_is_the_samples_line_for_line() -> None:
    sample = _sample("sample-comments-page.html")
    page = comments_page(_transcribed(), "510743")
    outline = re.compile(r"<[a-z/!]+")
    assert set(outline.findall(page)) <= set(outline.findall(sample))
    assert page[: page.index("<tr><td>Home")] in sample
    assert re.sub(r'"\d+"|#\d+|>[^<]*<|\n[A-Z].*?<', "", _row(page)) == re.sub(
        r'"\d+"|#\d+|>[^<]*<|\n[A-Z].*?<', "", _row(sample)
    )


def _row(page: str) -> str:
    start = page.index("<table width=100%>")
    return page[start : page.index("</table>", start)]


def test_rendition_has_the_seeds_rows() -> None:
    seed = _sample("seed-comments-page.txt")
    text = comments_text(_transcribed(), "510743")
    assert re.findall(r"(?: \|)+$", text, re.MULTILINE) == re.findall(r"(?: \|)+$", seed, re.MULTILINE)[:8]
    assert text.splitlines()[0] == seed.splitlines()[0]
    assert re.fullmatch(r"#1 .* \|\nPosted by: g\(r\)omgoru 2018-03-23 05:41 \|\n", text[text.index("#1 ") :])


def test_truth_is_the_samples_answer() -> None:
    sample = {a["external_id"]: a for a in json.loads(_sample("sample-section-page.json"))}
    answer: Any = section_answer(_transcribed(), 1, url="")
    for article in answer["articles"]:
        wanted = sample[article["external_id"]]
        said = [{k: c[k] for k in wanted["comments"][0]} for c in article["comments"]]
        assert {**{k: article[k] for k in wanted}, "comments": said} == wanted
