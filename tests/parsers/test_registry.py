"""Which sources there are, and which template of a source reads a page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import EntryPoint

import pytest

from parsers import packs
from parsers.errors import PageUnrecognised, SourceUnknown
from parsers.records import ParsedPage
from parsers.registry import configure, failures, installed, source_named, sources
from parsers.source import Document, Source, Template
from tests.parsers.pages import CAPTURED_AT, SOURCE, day_with, shown_on, story
from tests.site.render import encoded

HARBOUR = replace(SOURCE, name="harbour", base_url="https://harbour.example/")
IMPOSTOR = replace(SOURCE, base_url="https://impostor.example/")
NO_SOURCE = "harbour"


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    names = ("HARBOUR", "IMPOSTOR", "NO_SOURCE")
    found = [EntryPoint(name, f"{__name__}:{name}", packs.ENTRY_POINTS) for name in names]
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.attr])
    monkeypatch.setattr(packs, "entry_points", lambda group: found if group == "thresher.sources" else [])
    installed.cache_clear()
    configure(())
    yield
    installed.cache_clear()


def test_ours() -> None:
    assert source_named("rantburg") is SOURCE
    assert SOURCE in sources()


def test_an_unknown_name() -> None:
    with pytest.raises(SourceUnknown, match="no source is named 'sea'; known: rantburg") as raised:
        source_named("sea")
    assert raised.value.name == "sea"


@pytest.mark.usefixtures("others")
def test_a_pack_of_another_distribution() -> None:
    assert source_named("harbour") is HARBOUR
    assert [source.name for source in sources()] == ["rantburg", "harbour"]


@pytest.mark.usefixtures("others")
def test_ours_is_never_replaced() -> None:
    assert source_named("rantburg") is SOURCE
    assert [(failure.name, failure.reason) for failure in failures()] == [
        ("IMPOSTOR", "there is another source named 'rantburg'"),
        ("NO_SOURCE", "it is a str, not a Source"),
    ]


def era(name: str, since: date = date.min, until: date = date.max) -> Template:
    def read(document: Document, template: Template) -> ParsedPage:
        return template.page(document, day=date(2018, 3, 23), section=1, articles=(), truncated=False)

    return Template(
        name=name,
        kind="section",
        revision=1,
        recognises=lambda document: "Rantburg" in document.text,
        read=read,
        since=since,
        until=until,
    )


@pytest.mark.parametrize(
    ("captured", "name"),
    [
        (date(2013, 12, 31), "x.until_2014"),
        (date(2014, 1, 1), "x.section"),
        (date(1999, 1, 1), "x.until_2014"),
    ],
)
def test_two_eras_of_one_signature_are_told_apart_by_the_capture(captured: date, name: str) -> None:
    turn = date(2014, 1, 1)
    source: Source = replace(
        SOURCE, templates=(era("x.until_2014", date(2001, 1, 1), turn), era("x.section", turn))
    )
    markup, url = shown_on(day_with(story()))
    captured_at = datetime(captured.year, captured.month, captured.day, tzinfo=UTC)
    assert source.parse(encoded(markup), url=url, captured_at=captured_at).parser == name


def test_no_template_knows_the_page() -> None:
    with pytest.raises(PageUnrecognised, match="none of rantburg's"):
        replace(SOURCE, templates=(era("x.section"),)).parse(b"<p>hello", url="", captured_at=CAPTURED_AT)
