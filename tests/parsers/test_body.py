"""What the site does to a text, and what it only looks as if it had done."""

import pytest

from parsers.sources.rantburg.body import outlet
from tests.parsers.pages import day_with, parse, shown_on, story
from tests.site.pieces import ASIDE, GLOSS, Markup


@pytest.mark.parametrize(
    ("markup", "shown", "original"),
    [
        (f"<span style='{GLOSS}' title='police'>coppers</span>", "coppers", "police"),
        (f"<span title='police' style='{GLOSS.upper()}'>coppers</span>", "coppers", "police"),
        (f"<span style='{GLOSS}'>coppers</span>", "coppers", "coppers"),
        (f"<span style='{GLOSS}' title=''>coppers</span>", "coppers", ""),
        (f"x<span style='{ASIDE}'>... {ASIDE[:3]}</span>y", "x... coly", "xy"),
        ("<span style='color:red'>red</span>", "red", "red"),
        ("<span title='police'>officers</span>", "officers", "officers"),
        ("<table style='color:red'><tr><td>cell</td></tr></table>end", "cell end", "cell end"),
        (
            "<table style='background:#CCCCFF;color:black;;'><tr><td>note</td></tr></table>end",
            "note end",
            "end",
        ),
        ("a<noscript>b</noscript>c<title>d</title>e", "ace", "ace"),
        (f"<span style='{GLOSS}' title='a'>b<span style='{GLOSS}' title='c'>d</span></span>e", "bde", "ae"),
        (f"<span style='{GLOSS}' title='a'>b<script>c</script></span>e", "be", "ae"),
    ],
)
def test_shown_and_original(markup: str, shown: str, original: str) -> None:
    (article,) = parse(*shown_on(day_with(story(body=(Markup(markup),))))).articles
    assert (article.text, article.text_original) == (shown, original)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[Ynet] A barge", "Ynet"),
        ("(IraqiNews.com) A barge", "IraqiNews.com"),
        ("[ Quay ]", "Quay"),
        ("[]", None),
        ("[ ] x", None),
        ("A barge [Ynet]", None),
        ("[" + "x" * 81 + "]", None),
        ("", None),
    ],
)
def test_an_outlet(text: str, name: str | None) -> None:
    assert outlet(text) == name
