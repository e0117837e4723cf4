"""``thresher source add`` and ``list``: what is written stands for a site that was looked at."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from parsers.engines.looking import zone_named
from parsers.engines.raw import RawPage
from parsers.engines.sites import ENGINES, looks_at
from parsers.errors import ParseError
from tests.cli.conftest import Call, Called
from tests.site.engines import faults
from tests.site.engines.discourse.model import small_forum
from tests.site.engines.discourse.site import DiscourseServer
from tests.site.engines.wordpress.model import small_blog
from tests.site.engines.wordpress.site import WordPressServer
from tests.site.engines.xenforo.model import small_board
from tests.site.engines.xenforo.site import XenForoServer

BEFORE = "# mine\r\ncontact = 'me@quay.example'  # kept"


@pytest.fixture
def blog() -> Iterator[WordPressServer]:
    with WordPressServer(small_blog(threads=(2,))) as server:
        yield server


def add(call: Call, file: Path, blog: WordPressServer, *more: object, name: str = "quay") -> Called:
    there = ("--engine", "wordpress", "--base-url", blog.url.rstrip("/"), "--delay", 0, *more)
    return call("--config", file, "source", "add", name, *there, "--json")


def test_what_is_added_is_harvested_and_listed(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    file = tmp_path / "new" / "thresher.toml"
    called = add(call, file, blog)
    table = {"engine": "wordpress", "base_url": blog.url, "zone": "Europe/Berlin", "delay": 0.0}
    assert called.code == 0
    assert called.json == {"source": "quay", "file": str(file), "settings": table}
    assert tomllib.loads(file.read_text()) == {"sources": {"quay": table}}
    assert blog.requests == ["/robots.txt", "/wp-json/"]
    listed = call("--config", file, "source", "list")
    assert [line.split()[:4] for line in listed.out.splitlines()][-1][:3] == ["quay", "wordpress", blog.url]
    visited = call("--config", file, "harvest", "quay", "--date", "2024-05-01")
    assert visited.code == 0
    (status,) = call("--config", file, "status", "--json").json["sources"]
    assert (status["pages"], status["threads"]) == ({"done": 1}, {"done": 1})
    assert "threads" in call("--config", file, "status").out
    standing = call("--config", file, "source", "list", "--json").json["sources"]
    assert [(each["source"], each["engine"]) for each in standing] == [
        ("rantburg", "own"),
        ("quay", "wordpress"),
    ]
    assert standing[0]["last_success"] is None
    assert (standing[1]["pages"], standing[1]["last_success"] is None) == ({"done": 1}, False)


@pytest.mark.long
def test_a_fixture_of_a_capture_keeps_the_headers_that_its_proof_needs(
    call: Call, tmp_path: Path, blog: WordPressServer
) -> None:
    file, cases = tmp_path / "thresher.toml", tmp_path / "cases"
    assert add(call, file, blog).code == 0
    assert call("--config", file, "harvest", "quay", "--date", "2024-05-01").code == 0
    added = ("fixture", "add", "2", "--name", "a-thread", "--fixtures", cases)
    assert call("--config", file, *added).code == 0
    headers = json.loads((cases / "quay" / "a-thread" / "meta.json").read_text())["headers"]
    assert headers["x-wp-total"] == "2"
    assert not {"set-cookie", "content-type"} & headers.keys()
    accepted = ("fixture", "accept", "quay/a-thread", "--fixtures", cases)
    assert call("--config", file, *accepted).code == 0
    assert call("--config", file, "fixture", "check", "--fixtures", cases).code == 0
    assert call("--config", file, "source", "check", "quay", "--fixtures", cases).code == 0


@pytest.mark.parametrize("pretty", [True, False])
def test_a_closed_interface_leaves_the_pages_for_people(
    call: Call, tmp_path: Path, blog: WordPressServer, *, pretty: bool
) -> None:
    file = tmp_path / "thresher.toml"
    blog.rest, blog.pretty = "closed", pretty
    assert add(call, file, blog, "--zone", "Europe/Berlin").code == 0
    table = tomllib.loads(file.read_text())["sources"]["quay"]
    assert (table.get("html"), table.get("rest_route", False)) == (True, not pretty)
    assert call("--config", file, "harvest", "quay", "--date", "2024-05-01").code == 0


def test_a_board_is_added_with_its_forums(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "thresher.toml"
    there = ("--engine", "xenforo", "--delay", 0, "--zone", "Europe/Berlin")
    with XenForoServer(small_board(threads=(2, 7))) as board:
        board.per_page = 5
        site = ("--config", file, "source", "add", "ropes", *there, "--base-url", board.url)
        for forums, why in (
            ((), "name its forums"),
            (("--forum", "knots"), "no forum's id"),
            (("--forum", "4", "--forum", "knots.4"), "named twice"),
        ):
            refused = call(*site, *forums)
            assert (refused.code, why in " ".join(refused.err.split())) == (2, True)
        assert call(*site, "--forum", "knots-and-ropes.4").code == 0
        assert tomllib.loads(file.read_text())["sources"]["ropes"]["forums"] == ["knots-and-ropes.4"]
        assert call("--config", file, "harvest", "ropes", "--date", "2024-05-01").code == 0
        assert call("--config", file, "verify", "ropes").code == 0


@pytest.mark.parametrize("version", [1, 2])
def test_a_board_behind_a_script_is_known_by_its_links(
    call: Call, tmp_path: Path, version: Literal[1, 2]
) -> None:
    file = tmp_path / "thresher.toml"
    there = ("--engine", "xenforo", "--delay", 0, "--zone", "Europe/Berlin", "--forum", "4")
    with XenForoServer(small_board(threads=(2, 7)), prefix="index.php?") as board:
        board.version, board.per_page = version, 5
        assert call("--config", file, "source", "add", "ropes", *there, "--base-url", board.url).code == 0
        assert tomllib.loads(file.read_text())["sources"]["ropes"]["plain_urls"] is True
        assert call("--config", file, "harvest", "ropes", "--date", "2024-05-01").code == 0
        assert call("--config", file, "verify", "ropes").code == 0


def test_a_site_without_forums_has_none_to_name(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    assert add(call, tmp_path / "thresher.toml", blog, "--forum", "4").code == 2


@pytest.mark.parametrize(
    ("engine", "wrong", "why", "right"),
    [
        ("wordpress", ["boats"], "no category's id", [1, 4]),
        ("wordpress", ["4", "4"], "named twice", [4]),
        ("wordpress", ["4", "9"], "has no category 9", [4]),
        ("discourse", ["9"], "has no category 9", ["boats/5"]),
        ("xenforo", ["9"], "has no categories", None),
    ],
)
def test_a_site_is_added_with_some_of_its_categories(
    call: Call, tmp_path: Path, *, engine: str, wrong: list[str], why: str, right: list[object] | None
) -> None:
    file = tmp_path / "thresher.toml"
    replica = WordPressServer(small_blog()) if engine == "wordpress" else DiscourseServer(small_forum())
    with replica as site:
        added = ("--config", file, "source", "add", "some", "--engine", engine, "--base-url", site.url)
        forum = ("--forum", "4") if engine == "xenforo" else ()
        refused = call(*added, *forum, *(word for one in wrong for word in ("--category", one)))
        assert (refused.code, why in " ".join(refused.err.split())) == (2, True)
        assert not file.exists()
        if right is not None:
            assert call(*added, *(word for one in right for word in ("--category", one))).code == 0
            assert tomllib.loads(file.read_text())["sources"]["some"]["categories"] == right


def test_categories_need_an_answer_of_the_site(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    file = tmp_path / "thresher.toml"
    blog.faults = [faults.wall("categories")]
    walled = add(call, file, blog, "--category", "4")
    assert (walled.code, "which categories it has" in " ".join(walled.err.split())) == (3, True)
    blog.rest = "closed"
    closed = add(call, file, blog, "--category", "4", "--zone", "Europe/Berlin")
    assert (closed.code, "interface alone" in " ".join(closed.err.split())) == (2, True)
    text = f'[sources.quay]\nengine = "wordpress"\nbase_url = "{blog.url}"\nzone = "UTC"\ncategories = [4]\n'
    file.write_text(f"{text}html = true\n")
    assert call("--config", file, "status").code == 2


def test_what_is_in_the_file_stays(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    file = tmp_path / "thresher.toml"
    file.write_bytes(BEFORE.encode())
    file.chmod(0o600)
    blog.model.zone, blog.model.offset_hours = None, 2
    blog.pretty = False
    assert add(call, file, blog).code == 0
    text = file.read_bytes().decode()
    assert text.startswith(BEFORE)
    assert file.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(text)["sources"]["quay"] == {
        "engine": "wordpress",
        "base_url": blog.url,
        "zone": "Etc/GMT-2",
        "delay": 0.0,
        "rest_route": True,
    }
    again = add(call, file, blog)
    assert (again.code, "[sources.quay] already" in again.err) == (2, True)
    assert file.read_bytes().decode() == text
    assert [path.name for path in tmp_path.iterdir() if "adding" in path.name] == []


@pytest.mark.parametrize(
    ("spoil", "more", "code", "why"),
    [
        ("Disallow: /wp-json/", (), 3, "robots.txt forbids"),
        ("Disallow: /wp-json/wp/v2/posts", (), 3, "robots.txt forbids"),
        ("closed", (), 2, "--zone"),
        ("absent", (), 3, "was not read as wordpress"),
        ("half an hour", (), 2, "--zone"),
        ("", ("--zone", "Mars/Base"), 2, "no time zone"),
        ("inline", (), 2, "write sources as tables"),
        ("left", (), 2, "another command adds"),
    ],
)
def test_nothing_is_written_where_the_look_fails(
    call: Call,
    tmp_path: Path,
    blog: WordPressServer,
    *,
    spoil: str,
    more: tuple[str, ...],
    code: int,
    why: str,
) -> None:
    file = tmp_path / "thresher.toml"
    if spoil.startswith("Disallow"):
        blog.robots = (200, f"User-agent: *\n{spoil}\n".encode())
    elif spoil == "closed":
        blog.rest = "closed"
    elif spoil == "absent":
        blog.rest, blog.faults = "absent", [faults.not_found("/$", times=9)]
    elif spoil == "half an hour":
        blog.model.zone, blog.model.offset_hours = None, 5.5
    elif spoil == "inline":
        file.write_text("sources = {}\n")
    elif spoil == "left":
        file.with_name("thresher.toml.adding").write_text("")
    before = file.read_bytes() if file.exists() else None
    called = add(call, file, blog, *more)
    assert (called.code, called.out) == (code, "")
    assert why in " ".join(called.err.split())
    assert (file.read_bytes() if file.exists() else None) == before


def test_only_add_makes_the_file(call: Call, tmp_path: Path) -> None:
    called = call("--config", tmp_path / "typo.toml", "source", "list")
    assert (called.code, "is not there" in called.err) == (2, True)


def test_every_engine_is_known_by_its_answer() -> None:
    root = {"namespaces": ["oembed/1.0"], "timezone_string": "Europe/Berlin"}
    answers = {
        "discourse": json.dumps({"topic_list": {"topics": []}}),
        "wordpress": json.dumps({**root, "namespaces": ["wp/v2"]}),
        "xenforo": '<html id="XF"><body></body></html>',
    }
    zones = {"discourse": "Etc/UTC", "wordpress": "Europe/Berlin", "xenforo": None}
    for engine in ENGINES:
        looks = looks_at(engine)
        for other, answer in answers.items():
            raw = RawPage(answer.encode(), "https://quay.example/", {"content-type": "text/html"})
            if engine == other:
                assert looks[0].zone_of(raw) == zones[engine]
            else:
                with pytest.raises(ParseError):
                    looks[0].zone_of(raw)
    with pytest.raises(ParseError, match="no articles"):
        looks_at("wordpress")[0].zone_of(RawPage(json.dumps(root).encode(), "https://quay.example/"))


@pytest.mark.parametrize(
    ("name", "hours", "zone"),
    [
        ("Europe/Berlin", 2, "Europe/Berlin"),
        ("Mars/Base", 2, None),
        ("../etc", 0, None),
        ("", 0, "Etc/UTC"),
        (None, -5, "Etc/GMT+5"),
        (None, 14, "Etc/GMT-14"),
        (None, -13, None),
        (None, 5.5, None),
        (None, None, None),
    ],
)
def test_the_zone_that_a_site_says(name: str | None, hours: float | None, zone: str | None) -> None:
    assert zone_named(name, hours) == zone


def test_a_saved_answer_is_parsed_with_its_headers(call: Call, tmp_path: Path) -> None:
    file, saved = tmp_path / "thresher.toml", tmp_path / "thread.json"
    file.write_text(
        '[sources.quay]\nengine = "wordpress"\nbase_url = "https://quay.example/"\nzone = "UTC"\n'
    )
    saved.write_text("[]")
    url = "https://quay.example/wp-json/wp/v2/comments?post=41&orderby=id&order=asc&per_page=100"
    command = ("--config", file, "parse", saved, "--source", "quay", "--url", url)
    assert call(*command, "--header", "X-WP-Total: 40").json["list"]["total"] == 40
    assert call(*command).json["list"]["total"] is None
    wrong = call(*command, "--header", "X-WP-Total")
    assert (wrong.code, "is not a header such as" in wrong.err) == (2, True)


def farm_of(file: Path, *blogs: WordPressServer) -> list[str]:
    """The names of sources that a new file has, one a blog."""
    tables = [
        f'[sources.quay-{place}]\nengine = "wordpress"\nbase_url = "{blog.url}"\nzone = "UTC"\ndelay = 0.0\n'
        for place, blog in enumerate(blogs)
    ]
    file.write_text("".join(tables))
    return [f"quay-{place}" for place in range(len(blogs))]


def test_a_pattern_names_several_sources(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    file = tmp_path / "thresher.toml"
    with WordPressServer(small_blog(threads=(1,))) as other:
        names = farm_of(file, blog, other)
        called = call("--config", file, "--json", "harvest", "--source", "quay-*", "--date", "2024-05-01")
    assert called.code == 0
    reports = [json.loads(line) for line in called.out.splitlines()]
    assert [report["source"] for report in reports] == names
    assert [report["comments"]["new"] for report in reports] == [2, 1]
    verified = call("--config", file, "--json", "verify", "--source", "quay-?", "--since", "2024-05-01")
    assert [json.loads(line)["source"] for line in verified.out.splitlines()] == names
    assert call("--config", file, "reparse", "--source", "quay-*", "--diff").code == 0
    plan = ("backfill", "--source", "quay-*", "--since", "2024-04-30", "--until", "2024-04-30", "--dry-run")
    assert call("--config", file, *plan).out.count("1 days to visit") == 2
    assert call("--config", file, "harvest", "quay-1", "--source", "quay-1", "--dry-run").code == 0


def test_a_pattern_chooses_among_what_is_held(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    file, out = tmp_path / "thresher.toml", tmp_path / "made.jsonl"
    with WordPressServer(small_blog(threads=(1,))) as one, WordPressServer(small_blog(threads=(1,))) as other:
        names = farm_of(file, blog, one, other)
        assert call("--config", file, "harvest", "--source", "quay-*", "--date", "2024-05-01").code == 0
    held = call("--config", file, "--json", "status", "--source", "quay-[12]").json["sources"]
    assert [each["source"] for each in held] == names[1:]
    health = call("--config", file, "--json", "health", names[0], "--source", "quay-2").json["parsers"]
    assert {parser["source"] for parser in health} == {names[0], names[2]}
    two = ("--source", "quay-0", "--source", "quay-[02]")
    found = call("--config", file, "--json", "search", "the", *two).json["rows"]
    assert {row["source"] for row in found} == {names[0], names[2]}
    drawn = call("--config", file, "--json", "chart", "comments", "--out", tmp_path / "made.svg", *two).json
    assert drawn["series"] == [names[0], names[2]]
    days = call("--config", file, "--json", "chart", "coverage", "--out", tmp_path / "days.svg", *two).json
    assert sum(sum(row["values"].values()) for row in days["rows"]) == 2
    assert call("--config", file, "export", "comments", "--out", out, *two).code == 0
    assert {json.loads(line)["source"] for line in out.read_text().splitlines()} == {names[0], names[2]}
    (described,) = json.loads((tmp_path / "datapackage.json").read_text())["resources"]
    about = described["thresher"]
    assert (about["source"], about["sources"]) == (None, [names[0], names[2]])
    assert about["completeness"]["complete"] is True
    assert about["completeness"]["held"] == {"articles": 2, "comments": 3}
    assert set(about["completeness"]["sources"]) == {names[0], names[2]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("harvest",), "name a SOURCE, or several by --source PATTERN"),
        (("backfill", "--since", "2024-05-01", "--until", "2024-05-01"), "name a SOURCE, or several"),
        (("harvest", "--source", "pier-*"), "no source is named like 'pier-*'; known: rantburg"),
        (("harvest", "--source", "pier"), "pier"),
        *(
            ((*command, "--source", "pier-*"), "no source is named like 'pier-*'; known: rantburg")
            for command in (
                ("status",),
                ("health",),
                ("search", "quay"),
                ("export", "comments", "--out", "made.jsonl"),
                ("chart", "comments", "--out", "made.svg"),
            )
        ),
        (("harvest", "--source", "*", "--base-url", "http://127.0.0.1:1/"), "--base-url is one source's"),
        (("verify", "--source", "*", "--repair"), "--repair needs the SOURCE to ask"),
    ],
)
def test_what_a_pattern_cannot_be(
    call: Call, tmp_path: Path, blog: WordPressServer, words: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "thresher.toml"
    farm_of(file, blog)
    called = call("--config", file, *words)
    assert called.code == 2
    assert said in called.err
    assert blog.requests == []


def test_default_is_no_name_of_a_source(call: Call, tmp_path: Path, blog: WordPressServer) -> None:
    file = tmp_path / "thresher.toml"
    farm_of(file, blog)
    file.write_text(file.read_text().replace("quay-0", "default"))
    called = call("--config", file, "status")
    assert called.code == 2
    assert "[sources.default]: a source is named by a-z, 0-9 and -, and not default" in called.err
