"""The console as an ASGI application: its addresses, and how a page becomes an answer."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ingest.clock import Clock
from ingest.console import guard
from ingest.console.actions import Actions, TooMuch
from ingest.console.desk import Desk, NotHere, PageOf, Sent, Shown
from ingest.console.pages import captures, coverage, overview, people, quarantine, reparses, search, thread
from ingest.console.recent import Recent
from ingest.console.rendering import templates
from ingest.errors import ConfigurationError
from ingest.settings import Settings
from ingest.store import Store
from parsers.errors import ThresherError

log = logging.getLogger(__name__)

PAGES: dict[str, PageOf] = {
    "/": overview.overview,
    "/coverage": coverage.calendar,
    "/day": coverage.day,
    "/thread": thread.thread,
    "/people": people.people,
    "/search": search.search,
    "/quarantine": quarantine.listing,
    "/diff": reparses.reports,
    "/capture": captures.capture,
}
SENT: dict[str, Sent] = {"/quarantine": quarantine.retry, "/day": coverage.repair}
"""What a form asks for."""
STATUSES: tuple[tuple[type[ThresherError], HTTPStatus], ...] = (
    (NotHere, HTTPStatus.NOT_FOUND),
    (TooMuch, HTTPStatus.TOO_MANY_REQUESTS),
    (ConfigurationError, HTTPStatus.BAD_REQUEST),
)
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE
STYLES = "console.css"
Endpoint = Callable[[Request], Response]


class Console:
    """The application and what it holds open; ``close`` ends what it does in the background."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, *, token: str | None = None) -> None:
        recent: Recent = Recent(clock)
        self._actions = Actions(settings, clock, recent.forget)
        self._desk = Desk(
            settings=settings,
            store=store,
            clock=clock,
            actions=self._actions,
            recent=recent,
            templates=templates(),
        )
        self.application = Starlette(
            routes=self._routes(token),
            middleware=[
                Middleware(guard.SafeHeaders),
                Middleware(guard.SameOrigin),
                Middleware(guard.TokenOnly, token=token),
            ],
            exception_handlers={
                HTTPStatus.NOT_FOUND: self._nothing,
                HTTPStatus.INTERNAL_SERVER_ERROR: self._bug,
            },
        )

    def close(self) -> None:
        """End what is being done, at its next page."""
        self._actions.close()

    def _routes(self, token: str | None) -> list[Route]:
        def refused(request: Request) -> Response:
            return self._rendered(request, _login(HTTPStatus.FORBIDDEN))

        return [
            *(Route(path, self._get(page), methods=["GET"]) for path, page in PAGES.items()),
            *(Route(path, self._post(sent), methods=["POST"]) for path, sent in SENT.items()),
            Route("/capture/page", self._answering(self._download), methods=["GET"]),
            Route(f"/static/{STYLES}", _styles, methods=["GET"]),
            Route(guard.LOGIN, self._get(lambda *_: _login()), methods=["GET"]),
            Route(guard.LOGIN, guard.login(token, refused), methods=["POST"]),
        ]

    # None of the three is a coroutine: Starlette answers them in threads.
    def _get(self, page: PageOf) -> Endpoint:
        return self._answering(lambda request: self._rendered(request, page(self._desk, request)))

    def _post(self, sent: Sent) -> Endpoint:
        return self._answering(
            # 303: a reload of the page that follows does not send the form again.
            lambda request: RedirectResponse(sent(self._desk, request), HTTPStatus.SEE_OTHER)
        )

    def _download(self, request: Request) -> Response:
        page = captures.stored_page(self._desk, request)
        # A name and a type of ours: nothing that the site said of it decides what a browser does with it.
        named = {"Content-Disposition": f'attachment; filename="{page.file_name}"'}
        return Response(page.content, media_type="application/octet-stream", headers=named)

    def _answering(self, answer: Endpoint) -> Endpoint:
        def endpoint(request: Request) -> Response:
            try:
                return answer(request)
            except ThresherError as error:
                status = next((status for kind, status in STATUSES if isinstance(error, kind)), UNAVAILABLE)
                return self._rendered(request, _failed(str(error), status))

        return endpoint

    def _rendered(self, request: Request, shown: Shown) -> HTMLResponse:
        values = {"path": request.url.path, "actions": self._actions.newest, **shown.values}
        return HTMLResponse(self._desk.part(shown.template, **values), shown.status)

    async def _nothing(self, request: Request, _: Exception) -> Response:
        shown = _failed("There is no such page.", HTTPStatus.NOT_FOUND)
        return await run_in_threadpool(self._rendered, request, shown)

    async def _bug(self, request: Request, error: Exception) -> Response:
        log.error("%s", request.url.path, exc_info=error)
        shown = _failed("A bug in thresher: see the log.", HTTPStatus.INTERNAL_SERVER_ERROR)
        return await run_in_threadpool(self._rendered, request, shown)


def _styles(_: Request) -> Response:
    content = (files("ingest.console") / "static" / STYLES).read_bytes()
    return Response(content, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _failed(words: str, status: HTTPStatus) -> Shown:
    return Shown(template="error.html", values={"words": words, "code": status.value}, status=status)


def _login(status: HTTPStatus = HTTPStatus.OK) -> Shown:
    return Shown(template="login.html", values={"refused": status != HTTPStatus.OK}, status=status)
