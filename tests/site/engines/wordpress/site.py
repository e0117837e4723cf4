"""A blog of WordPress on loopback.

/                                  the home page, with generator, api.w.org link and Link header; /page/N/
/YYYY/MM/DD/                       the day's articles; /page/N/
/YYYY/MM/DD/SLUG/                  an article with comments; /comment-page-N/
/?p=ID (&cpage=N), /?m=YYYYMMDD    the same where addresses are not pretty; else /?p=ID redirects
/wp-json/                          the site's zone and namespaces; /?rest_route=/ likewise
/wp-json/wp/v2/posts, /comments    listings; /ID one of them; /?rest_route=/wp/v2/... likewise
/robots.txt
"""

import re
from datetime import date
from typing import Literal

from tests.site.engines.server import Asked, EngineServer, html_answer, moved
from tests.site.engines.wordpress import html
from tests.site.engines.wordpress.model import Blog, Post
from tests.site.engines.wordpress.objects import Site
from tests.site.engines.wordpress.rest import RestError, json_answer, rest_answer
from tests.site.faults import Answer

ROBOTS = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"


class WordPressServer(EngineServer[Blog]):
    """The blog; its settings may be changed while it serves.

    ``rest``: ``open``; ``closed`` refuses everybody who has not signed in; ``absent`` is no interface at all.
    ``pretty`` False leaves ``?rest_route=`` and ``?p=`` alone. ``per_page`` is what an answer holds when the
    question does not say (10), ``most_per_page`` what may be asked for (100, above it 400), ``page_cap``
    what a plug-in cuts every page to without a word. ``totals`` False drops X-WP-Total and -TotalPages.
    ``refuses_protected`` False answers for a hidden article with a total and an empty array, not with 401.
    ``layout``, ``comments_per_page``, ``newest_first_page``, ``posts_per_page`` and ``counts`` (whether lists
    of articles print how many comments each has) are those of the HTML.
    """

    def __init__(self, blog: Blog) -> None:
        super().__init__(blog, ROBOTS)
        self.rest: Literal["open", "closed", "absent"] = "open"
        self.pretty = True
        self.per_page = 10
        self.most_per_page = 100
        self.page_cap: int | None = None
        self.totals = True
        self.refuses_protected = True
        self.layout: html.Layout = "html5"
        self.comments_per_page = 50
        self.newest_first_page = False
        self.posts_per_page = 10
        self.counts = False

    @property
    def site(self) -> Site:
        """What the interface for programs knows."""
        return Site(
            blog=self.model,
            url=self.url,
            pretty=self.pretty,
            default_per_page=self.per_page,
            most_per_page=self.most_per_page,
            page_cap=self.page_cap,
            totals=self.totals,
            refuses_protected=self.refuses_protected,
        )

    @property
    def theme(self) -> html.Theme:
        """What the pages for people know."""
        return html.Theme(
            blog=self.model,
            url=self.url,
            pretty=self.pretty,
            rest_root=self.site.route_url("/") if self.rest != "absent" else None,
            layout=self.layout,
            per_page=self.comments_per_page,
            newest_first_page=self.newest_first_page,
            counts=self.counts,
        )

    def post_url(self, post_id: int) -> str:
        """The address of an article."""
        return self.site.post_url(self.model.posts[post_id])

    def page(self, asked: Asked) -> Answer:
        """The answer of the interface for programs, or a page for people."""
        route = self._route(asked)
        if route is not None and self.rest != "absent":
            if self.rest == "closed":
                refusal = RestError(401, "rest_login_required", "Only members may ask.")
                return json_answer(self.site, refusal.body, status=401)
            return rest_answer(self.site, route, asked)
        if (found := re.fullmatch(r"/(?:page/([0-9]+)/)?", asked.path)) is not None:
            return self._front(asked, int(found[1] or asked.get("paged") or 1))
        if (
            found := re.fullmatch(r"/([0-9]{4})/([0-9]{2})/([0-9]{2})/(?:page/([0-9]+)/)?", asked.path)
        ) is not None:
            return self._day(f"{found[1]}-{found[2]}-{found[3]}", int(found[4] or 1))
        return self._article_at(asked)

    def _route(self, asked: Asked) -> str | None:
        if asked.get("rest_route"):
            return asked.get("rest_route")
        found = re.fullmatch(r"/wp-json(/.*)", asked.path) if self.pretty else None
        return found[1] if found is not None else None

    def _front(self, asked: Asked, page: int) -> Answer:
        if asked.get("p").isdigit():
            post = self.model.posts.get(int(asked.get("p")))
            if post is None or not self.model.is_listed(post.id):
                return self._nothing()
            if self.pretty:
                return moved(self.site.post_url(post))
            cpage = asked.get("cpage")
            return self._article(post, int(cpage) if cpage.isdigit() else None)
        if (found := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", asked.get("m"))) is not None:
            return self._day(f"{found[1]}-{found[2]}-{found[3]}", page)
        posts = [post for post in self.model.posts.values() if self.model.is_listed(post.id)]
        return self._listing(self.model.name, posts, page, self.url, f"{self.url}?")

    def _day(self, text: str, page: int) -> Answer:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return self._nothing()
        posts = [
            post
            for post in self.model.posts.values()
            if self.model.is_listed(post.id) and self.model.local(post.posted).date() == day
        ]
        plain = f"{self.url}?m={day:%Y%m%d}&"
        return self._listing(f"{day}", posts, page, f"{self.url}{day:%Y/%m/%d}/", plain)

    def _listing(self, title: str, posts: list[Post], page: int, pretty: str, plain: str) -> Answer:
        posts = sorted(posts, key=lambda post: (post.posted, post.id), reverse=True)
        start = (page - 1) * self.posts_per_page
        shown = posts[start : start + self.posts_per_page]
        if not shown and (page > 1 or title != self.model.name):
            return self._nothing()
        more = len(posts) > start + self.posts_per_page
        following = f"{pretty}page/{page + 1}/" if self.pretty else f"{plain}paged={page + 1}"
        rows = [(post, self.site.post_url(post)) for post in shown]
        return self._html(html.listing(self.theme, title, rows, following if more else None))

    def _article_at(self, asked: Asked) -> Answer:
        for post in self.model.posts.values():
            if not (self.pretty and self.model.is_listed(post.id)):
                continue
            path = "/" + self.site.post_url(post).removeprefix(self.url)
            if asked.path == path.rstrip("/"):
                return moved(f"{self.url}{path[1:]}")
            found = re.fullmatch(rf"{re.escape(path)}(?:comment-page-([0-9]+)/)?", asked.path)
            if found is not None:
                return self._article(post, int(found[1]) if found[1] else None)
        return self._nothing()

    def _article(self, post: Post, page: int | None) -> Answer:
        return self._html(html.article(self.theme, post, self.site.post_url(post), page))

    def _nothing(self) -> Answer:
        return self._html(html.not_found(self.theme), status=404)

    def _html(self, markup: str, status: int = 200) -> Answer:
        root = self.theme.rest_root
        headers = (("Link", f'<{root}>; rel="https://api.w.org/"'),) if root else ()
        return html_answer(markup, status=status, headers=headers)
