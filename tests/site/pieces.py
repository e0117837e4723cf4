"""Pieces of a body: what the site prints, what a reader sees, and what the source had written.

``html`` is the markup. ``shown`` and ``original`` are the truth of it, with white space still loose:
``one_line`` makes a text of them. A piece never looks at its own markup to know its truth.
"""

import html as entities
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

GLOSS = "border-bottom-width:1px;border-bottom-style:dotted;border-bottom-color:gray;"
ASIDE = (
    'color:black;font-size:10pt;font-weight:bold;font-family:courier,"Courier New",'
    '"Courier 10 Pitch",serif;background:#FFFB99'
)


class Piece(Protocol):
    """A stretch of a body."""

    @property
    def html(self) -> str:
        """The markup the site prints."""
        ...

    @property
    def shown(self) -> str:
        """The words a reader sees."""
        ...

    @property
    def original(self) -> str:
        """The words of the source: glosses put back, asides and editors' notes left out."""
        ...


Body = tuple[Piece, ...]


def one_line(text: str) -> str:
    """Every run of white space, no-break blanks too, as one blank, and none at the ends."""
    return " ".join(text.split())


def html_of(body: Iterable[Piece]) -> str:
    """The markup of a body."""
    return "".join(piece.html for piece in body)


def shown_in(body: Iterable[Piece]) -> str:
    """A body's text as shown."""
    return one_line("".join(piece.shown for piece in body))


def original_of(body: Iterable[Piece]) -> str:
    """A body's text as the source had it."""
    return one_line("".join(piece.original for piece in body))


def unescaped(text: str) -> str:
    """Text as the site prints titles and names: bare where that reads back, else with entities."""
    bare = "<" not in text and entities.unescape(text) == text
    return text if bare else entities.escape(text, quote=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    words: str

    @property
    def html(self) -> str:
        return entities.escape(self.words, quote=False)

    @property
    def shown(self) -> str:
        return self.words

    @property
    def original(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Break:
    """Line breaks; two of them part paragraphs. A blank in the text."""

    times: int = 1

    @property
    def html(self) -> str:
        return "<br />\n" * self.times

    @property
    def shown(self) -> str:
        return " "

    @property
    def original(self) -> str:
        return " "


@dataclass(frozen=True, slots=True)
class Outlet:
    """The outlet in brackets that opens a body."""

    name: str
    brackets: Literal["[]", "()"] = "[]"

    @property
    def html(self) -> str:
        return entities.escape(self.shown, quote=False)

    @property
    def shown(self) -> str:
        return f"{self.brackets[0]}{self.name}{self.brackets[1]} "

    @property
    def original(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True)
class Gloss:
    """Slang put over a word. ``coded`` are the places of the word's letters that are numeric entities.

    ``struck`` is the joke in a ``<del>`` before the slang; ``aside`` stands behind it, inside the gloss.
    """

    slang: str
    word: str
    coded: tuple[int, ...] = ()
    struck: str = ""
    aside: "Aside | None" = None

    @property
    def html(self) -> str:
        joke = f"<del>{self.struck}</del> " if self.struck else ""
        behind = f"<br />\n{self.aside.html}<br />\n" if self.aside else ""
        return f"<span style='{GLOSS}' title='{self._title()}'>{joke}{self.slang}{behind}</span>"

    @property
    def shown(self) -> str:
        joke = f"{self.struck} " if self.struck else ""
        behind = f" {self.aside.shown} " if self.aside else ""
        return f"{joke}{self.slang}{behind}"

    @property
    def original(self) -> str:
        return self.word

    def _title(self) -> str:
        return "".join(
            f"&#{ord(letter)};" if place in self.coded else entities.escape(letter)
            for place, letter in enumerate(self.word)
        )


@dataclass(frozen=True, slots=True)
class Aside:
    """The site's own remark, with a picture in it or none; no word of the source."""

    words: str
    picture: str = ""

    @property
    def html(self) -> str:
        image = picture(self.picture).html if self.picture else ""
        return f"<span style='{ASIDE}'>... {image}{entities.escape(self.words, quote=False)}...</span>"

    @property
    def shown(self) -> str:
        return f"... {self.words}..."

    @property
    def original(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Note:
    """An editor's note, in a table whose cell is closed wrongly; the colour is its moderator's."""

    words: str
    colour: str = "#CCCCFF"

    @property
    def html(self) -> str:
        words = entities.escape(self.words, quote=False)
        style = f"background:{self.colour};color:black;;"
        return f"<table valign=top style={style}><tr><td>  {words}</td</tr></table>"

    @property
    def shown(self) -> str:
        return f" {self.words} "

    @property
    def original(self) -> str:
        return " "


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Pieces in an element: ``em`` parts no words, ``blockquote`` does."""

    tag: Literal["em", "strong", "b", "i", "u", "del", "blockquote", "p", "li", "div"]
    inside: Body

    @property
    def html(self) -> str:
        return f"<{self.tag}>{html_of(self.inside)}</{self.tag}>"

    @property
    def shown(self) -> str:
        return self._parted("".join(piece.shown for piece in self.inside))

    @property
    def original(self) -> str:
        return self._parted("".join(piece.original for piece in self.inside))

    def _parted(self, words: str) -> str:
        return f" {words} " if self.tag in {"blockquote", "p", "li", "div"} else words


@dataclass(frozen=True, slots=True)
class Link:
    """A link with words; bodies mark it ``class=hline``."""

    address: str
    words: str
    attributes: str = "class=hline"

    @property
    def html(self) -> str:
        # The site leaves the ampersands of addresses bare.
        return f'<a {self.attributes} href="{self.address}">{entities.escape(self.words, quote=False)}</a>'

    @property
    def shown(self) -> str:
        return self.words

    @property
    def original(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Markup:
    """Markup without words of its own: a picture, a film, a script."""

    html: str
    shown: str = ""
    original: str = ""


def picture(address: str, alt: str = "a picture") -> Markup:
    """A picture; the words in its ``alt`` are not text."""
    return Markup(f'<img src="{address}" alt="{alt}" border=0>')


def film(address: str = "https://video.example/embed/x", inside: str = "") -> Markup:
    """A film in an iframe; words inside an iframe are not text."""
    opened = f'<iframe width="560" height="315" src="{address}" frameborder="0" allowfullscreen>'
    return Markup(f"{opened}{inside}</iframe>")


def paragraphs(*bodies: str | Piece | Body) -> Body:
    """A body of paragraphs, each of words, one piece or several, and each ended by two line breaks."""
    made: list[Piece] = []
    for body in bodies:
        made.extend(_pieces(body))
        made.append(Break(2))
    return tuple(made)


def _pieces(body: str | Piece | Body) -> Body:
    if isinstance(body, str):
        return (Text(body),)
    return body if isinstance(body, tuple) else (body,)
