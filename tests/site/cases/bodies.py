"""Section pages: what stands inside bodies."""

from collections.abc import Iterator
from datetime import date

from tests.site.cases.fixture import Fixture, on_section_page
from tests.site.cases.small import day_of, short_article
from tests.site.pieces import (
    Aside,
    Body,
    Break,
    Gloss,
    Link,
    Markup,
    Note,
    Outlet,
    Text,
    Wrapped,
    film,
    paragraphs,
    picture,
)

TIDES = "<table border=1><tr><td>Monday</td><td>4</td></tr><tr><td>Tuesday</td><td>6</td></tr></table>"


def cases() -> Iterator[Fixture]:
    """Every case of this kind."""
    day = date(2018, 3, 24)
    for number, (name, why, body) in enumerate((*_glosses(), *_asides(), *_outlets(), *_elements()), 101):
        yield on_section_page(name, why, day_of(short_article(number, day, body=body)))


def _glosses() -> Iterator[tuple[str, str, Body]]:
    yield (
        "gloss-with-coded-letters",
        "A gloss keeps the source's word in its title, at times with letters as numeric entities.",
        paragraphs(
            (
                Outlet("Quay.Gazette"),
                Text("Six "),
                Gloss("greens", "vegetables", coded=(1, 7)),
                Text(" and the "),
                Gloss("beak", "magistrate's clerk ", coded=(3,)),
                Text("were weighed at the fair."),
            ),
            (
                Gloss("Bods ", "Officials "),
                Text("of the society "),
                Gloss("nattered", "spoke"),
                Text(", then left."),
            ),
        ),
    )
    yield (
        "gloss-with-a-struck-joke",
        "A gloss can hold a struck-out joke before the slang: shown, but no word of the source.",
        paragraphs(
            (
                Text("The wall was built by "),
                Gloss("brickies", "masons", struck="pastry cooks"),
                Text(" in one week, and a "),
                Wrapped("del", (Text("long"),)),
                Text(" short speech was made."),
            )
        ),
    )
    yield (
        "gloss-holds-an-aside",
        "A gloss can hold an aside, which is shown; its title is the source's word for all of it.",
        paragraphs(
            (
                Text("Late on Friday "),
                Gloss("the big wet", "the river", aside=Aside("not to be confused with the small wet")),
                Text(" rose by a hand."),
            ),
            "It fell again by noon.",
        ),
    )


def _asides() -> Iterator[tuple[str, str, Body]]:
    yield (
        "aside-with-a-picture",
        "An aside is the site's own remark, with a picture and quotes in it: shown, never the source's.",
        paragraphs(
            (
                Text("The heron came back to the weir. "),
                Aside('the one they call "the bishop"', picture="images/heron.gif"),
                Break(),
                Text("Anglers were patient with it."),
            ),
            (Aside("everybody is patient with a bishop"),),
            "By evening the heron had gone.",
        ),
    )
    yield (
        "editors-note-in-a-body",
        "An editor's note is a table whose cell is closed wrongly, in the middle of a sentence.",
        paragraphs(
            (
                Text("The council met behind closed doors "),
                Note("The doors were later found to be open."),
                Text(" and chose a colour for the bandstand."),
            ),
            "The colour is a dark green.",
            (Note("It dries to a light one."), Text("Nobody asked for a second coat.")),
        ),
    )

    yield (
        "editors-note-of-another-moderator",
        "A note's colour is its moderator's; a table of the source's own is no note.",
        paragraphs(
            (Text("Ten boats were counted."), Note("Eleven, with mine.", colour="#FFE4C4")),
            (Text("The count, by day: "), Markup(TIDES, " Monday 4 Tuesday 6 ", " Monday 4 Tuesday 6 ")),
            "No count was made on Sunday.",
        ),
    )


def _outlets() -> Iterator[tuple[str, str, Body]]:
    yield (
        "outlet-in-round-brackets",
        "The outlet stands in square or in round brackets at the very start.",
        paragraphs(
            (Outlet("TowpathWire.com", "()"), Text("Two swans (and a goose) held up the tram [again].")),
        ),
    )
    yield (
        "outlet-inside-a-gloss",
        "The outlet is read from the source's words, so a gloss on its name is undone.",
        paragraphs(
            (Text("["), Gloss("Veg", "Vegetable"), Text(" Monthly] Leeks as long as an oar were shown.")),
        ),
    )
    yield (
        "brackets-further-in",
        "Brackets that do not open the text name no outlet.",
        paragraphs("Readers of [HedgeRow] wrote in (twenty of them) about the missing stile."),
    )


def _elements() -> Iterator[tuple[str, str, Body]]:
    yield (
        "iframe-script-and-style-are-no-text",
        "What an iframe, a script or a style sheet holds is not shown, and a picture's words are not text.",
        paragraphs(
            (
                Outlet("HedgeRow"),
                film(inside="Your reader shows no frames."),
                Break(),
                Text("The film shows the greenhouse."),
                Markup(
                    "<script>var beans = 'runner';</script><style>td { color: red }</style><!-- nor this -->"
                ),
            ),
            (picture("images/beans.jpg", "a row of beans"), Text("The beans are not in it.")),
        ),
    )
    yield (
        "inline-tags-part-no-words",
        "Emphasis in the middle of a word parts nothing; a line break and a quotation do.",
        paragraphs(
            (
                Text("An un"),
                Wrapped("em", (Text("believ"),)),
                Text("able har"),
                Wrapped("strong", (Text("vest"),)),
                Text("."),
                Break(),
                Text("Said the judge:"),
                Wrapped("blockquote", (Text("marrows & more, < 5 pounds each"),)),
                Text("Then tea."),
                Wrapped("p", (Text("A\u00a0walk\tround the   pond followed."),)),
            ),
            (Text("See "), Link("https://other.example/?a=1&b=2", "the list of prizes"), Text(", page 2.")),
        ),
    )
    yield (
        "body-with-tags-left-open",
        "Bodies leave bold, quotations and links open, and close what was never opened.",
        paragraphs(
            (Markup("<b><i>"), Text("Bold as brass, "), Wrapped("em", (Gloss("greens", "vegetables"),))),
            (
                Text("they said."),
                Markup("</div></p>", " ", " "),
                Text("The rest is"),
                Markup("<blockquote>", " ", " "),
            ),
            "a long quotation that nobody ends",
        ),
    )
    yield (
        "body-quotes-a-footer",
        "A body that quotes a number and a footer is still one body.",
        paragraphs(
            (
                Outlet("Lower Town Weekly"),
                Text("He had written: Posted by: Old Tiller 03/01/2018 1:11 and then #1 again, on a barn."),
            ),
            "Posted by: Wren || 03/02/2018 00:10 || File under: Barns",
        ),
    )
    yield (
        "stray-arabic-diacritic",
        "A stray Arabic diacritic, pasted with a word, is kept where it stands.",
        paragraphs(
            "The caf\u00e9 by the quay\u064e sells \u201cmint tea\u201d \u2014 and \u064bna\u00efve art."
        ),
    )
