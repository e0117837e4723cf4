"""Who is answered, and what a browser may do with the answer.

request --> Headers --> SameOrigin (whatever is sent) --> Token (where one is asked for) --> the pages
"""

import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "thresher-token"
LOGIN = "/login"
OPEN = (LOGIN, "/static/")
"""What is shown to those who have no token yet."""
SAFE_METHODS = frozenset({"GET", "HEAD"})
# Nothing is loaded but the style sheet, and no script runs, whatever a page of a site says.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a browser would then send a form with the origin "null".
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class SafeHeaders:
    """Gives every answer the headers that keep hostile content from acting."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class SameOrigin:
    """Refuses a form that a page of another site sends, or one that does not say where it is from."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] in SAFE_METHODS or _is_from_here(Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("not from this page\n", HTTPStatus.FORBIDDEN)(scope, receive, send)


class TokenOnly:
    """Shows nothing but the login to a browser that does not have the token in its cookie."""

    def __init__(self, app: ASGIApp, *, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        known = self._token is None or same(request.cookies.get(COOKIE, ""), self._token)
        if known or request.url.path.startswith(OPEN):
            await self._app(scope, receive, send)
            return
        await RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)(scope, receive, send)


def same(given: str, token: str) -> bool:
    """Whether both are the same; the time that it takes does not say where they differ."""
    return secrets.compare_digest(given.encode(), token.encode())


def login(
    token: str | None, refused: Callable[[Request], Response]
) -> Callable[[Request], Awaitable[Response]]:
    """The answer to the form of the login: a cookie, or the form again."""

    async def answer(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=2) as form:
            given = form.get("token")
        if token is None or not isinstance(given, str) or not same(given.strip(), token):
            return refused(request)
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        # strict: a link on another site does not bring the cookie along.
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
        return response

    return answer


def _is_from_here(headers: Headers) -> bool:
    origins, hosts = headers.getlist("origin"), headers.getlist("host")
    # A browser sends one of each; none at all is no form of ours.
    if len(origins) != 1 or len(hosts) != 1:
        return False
    # Origin: http://127.0.0.1:8320 and Host: 127.0.0.1:8320
    return urlsplit(origins[0]).netloc.lower() == hosts[0].strip().lower()
