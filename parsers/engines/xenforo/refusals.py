"""Pages of XenForo that are no thread and no listing: skins of another markup, logins, errors."""

from parsers.engines.raw import RawPage
from parsers.engines.tree import classes, first_text
from parsers.errors import PageBlocked, PageUnrecognised, ParseError
from parsers.html import Node, attribute

# <html id="XF" data-template="thread_view">; the id is XenForo's own, and skins keep it.
VERSION_2 = "html#XF"
VERSION_1 = "html#XenForo"
# <div class="MessageCard">
FORA_POST = ".MessageCard"
LOGIN_TEMPLATES = frozenset({"login", "login_two_step", "register_form"})
LOGIN_1 = "form#pageLogin"
"""The login of 1.x in the page's place; the one that every page hides in its head has another id."""

# <div class="blockMessage">This room is for members.</div>
MESSAGE = ".blockMessage, .errorOverlay, .errorPanel, .baseHtml"


def root_of(raw: RawPage) -> Node:
    """The page's root, which names XenForo and its version.

    Raises:
        PageBlocked: a wall stands in the page's place.
        PageUnrecognised: the page is none of XenForo's.
    """
    root = raw.page.first(f"{VERSION_2}, {VERSION_1}")
    if root is None:
        raise raw.stranger("the page is none of XenForo's: its root has another id")
    return root


def is_version_1(root: Node) -> bool:
    """Whether the page is of XenForo 1.x."""
    return attribute(root, "id") == "XenForo"


def template_of(root: Node) -> str:
    """The name of the page's template: ``thread_view``, ``forum_view``, ``error``; empty in 1.x."""
    named = attribute(root, "data-template")
    if named:
        return named
    return next(
        (name.removeprefix("template-") for name in classes(root) if name.startswith("template-")), ""
    )


def refusal(raw: RawPage, due: str) -> ParseError:
    """The error for a page of XenForo on which ``due`` was not found."""
    # First the login: its page prints a message too, which would hide that the site wants an account.
    template = template_of(root_of(raw))
    if template in LOGIN_TEMPLATES or raw.page.first(LOGIN_1) is not None:
        return PageBlocked("the site asks for a login", raw.url)
    if raw.page.first(FORA_POST) is not None:
        return PageUnrecognised("the page is of the Fora skin, and its posts have no ids", raw.url)
    words = first_text(raw.page, MESSAGE)
    said = f"; it says {words[:80]!r}" if words else ""
    return PageUnrecognised(f"no {due} stands on the page, its template is {template!r}{said}", raw.url)
