"""``thresher forget`` and ``archive redact`` as a user types them."""

from pathlib import Path

import pytest

from ingest.store import Store
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.rig import DAY, Rig
from tests.kit.visits import visit

FORGOTTEN = {
    "source", "article", "comment", "already", "articles", "comments", "versions", "captures", "unread",
    "scrubbed", "adopted", "damaged",
}  # fmt: skip


def ids(rig: Rig) -> tuple[str, str]:
    one = rig.site.days[DAY].articles[0]
    return one.external_id, one.comments[0].external_id


@pytest.mark.long
def test_a_comment_and_an_article_by_the_ids_that_show_tells(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    article_id, comment_id = ids(rig)
    assert call("show", article_id, "--json").json["comments"][0]["external_id"] == comment_id
    called = call("forget", comment_id, "--reason", "asked")
    assert called.code == 0
    assert called.out == (
        f"rantburg article {article_id} comment {comment_id} is taken down: "
        "articles 0  comments 1  versions 0\n"
        "captures in the archive that still hold it: 1\n"
    )
    assert "archive redact --forgotten" in called.err
    told = call("--json", "forget", article_id, "--reason", "a court").json
    assert set(told) == FORGOTTEN
    assert (told["source"], told["article"], told["comment"]) == ("rantburg", article_id, None)
    assert (told["already"], told["articles"], told["unread"], told["scrubbed"]) == (False, 1, [], True)
    assert told["captures"] == [1, 2, 3, 4, 5]  # the day's catalogue is on every page
    again = call("forget", article_id, "--reason", "another", "--json").json
    assert again == {**told, "already": True}
    assert "(no title)" in call("show", article_id).out


@pytest.mark.usefixtures("made")
def test_what_was_taken_down_is_listed(rig: Rig, call: Call) -> None:
    assert call("forget", "--list", "--json").json == {"suppressed": []}
    rig.harvest(DAY)
    article_id, comment_id = ids(rig)
    call("forget", comment_id, "--reason", "asked for [bold]")
    (one,) = call("forget", "--list", "--json", "--source", "rantburg").json["suppressed"]
    assert one["suppressed_at"].startswith("20")
    del one["suppressed_at"]
    named = {"source": "rantburg", "article": article_id, "comment": comment_id}
    assert one == {**named, "reason": "asked for [bold]"}
    assert "asked for [bold]" in call("forget", "--list").out


@pytest.mark.long
def test_an_unknown_id(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    for more in ((), ("--source", "rantburg"), ("--kind", "article"), ("--article", "1")):
        called = call("forget", "123", "--reason", "asked", *more)
        assert called.code == 2
        assert "nothing that is held has the id 123" in called.err
    assert rows.table(rig.url, "suppressed") == []


@pytest.mark.parametrize(
    ("more", "named"),
    [(("--kind", "article"), ("510777", None)), (("--article", "510777"), ("510777", "4000777"))],
)
def test_what_is_not_held_yet(
    rig: Rig, call: Call, more: tuple[str, ...], named: tuple[str, str | None]
) -> None:
    external_id = named[1] or named[0]
    for _ in range(2):
        told = call("forget", external_id, "--source", "rantburg", *more, "--reason", "asked", "--json")
        assert (told.code, told.json["articles"], told.json["comments"]) == (0, 0, 0)
    assert (told.json["article"], told.json["comment"], told.json["already"]) == (*named, True)
    assert call("forget", external_id, "--reason", "asked").code == 0  # it is known now


def test_an_id_that_is_several_things_is_refused_with_the_choices(call: Call, database: str) -> None:
    with Store.open(database) as store:
        shown = [article("7", [comment("7"), comment("8", 2)]), article("9", [comment("8"), comment("5", 2)])]
        visit(store, section_page(shown, source="rantburg"), at(0))
    called = call("forget", "7", "--reason", "asked")
    assert called.code == 2
    assert (
        "7 may be several things: add --source rantburg --kind article, or --source rantburg --article 7"
        in called.err
    )
    called = call("forget", "8", "--reason", "asked", "--kind", "comment")
    assert (called.code, "--article 7, or --source rantburg --article 9" in called.err) == (2, True)
    assert call("forget", "8", "--reason", "asked", "--article", "9").code == 0
    assert call("forget", "7", "--reason", "asked", "--kind", "comment").code == 0
    assert call("forget", "7", "--reason", "asked", "--kind", "article").code == 0
    told = [
        (one["article_external_id"], one["comment_external_id"]) for one in rows.table(database, "suppressed")
    ]
    assert told == [("9", "8"), ("7", "7"), ("7", None)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("forget",),
        ("forget", "510000"),
        ("forget", "510000", "--reason", " "),
        ("forget", "--reason", "asked"),
        ("forget", "510000", "--reason", "asked", "--article", "1", "--kind", "article"),
        ("forget", "510000", "--reason", "asked", "--source", "nowhere"),
        ("archive", "redact"),
        ("archive", "redact", "1"),
        ("archive", "redact", "1", "--reason", ""),
        ("archive", "redact", "one", "--reason", "asked"),
        ("archive", "redact", "1", "--forgotten"),
        ("archive", "redact", "--forgotten", "--reason", "asked"),
        ("archive", "redact", "99", "--reason", "asked"),
    ],
    ids=" ".join,
)
def test_wrong_usage(call: Call, arguments: tuple[str, ...]) -> None:
    assert call(*arguments).code == 2


@pytest.mark.long
def test_all_that_was_forgotten_leaves_the_archive(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    rig.harvest(DAY, full=True)
    assert call("archive", "redact", "--forgotten", "--json").json["captures"] == []
    _, comment_id = ids(rig)
    called = call("forget", comment_id, "--reason", "asked", "--json")
    assert called.json["captures"] == [1, 6]
    called = call("archive", "redact", "--forgotten", "--dry-run")
    assert called.out == "2 captures would be redacted: 1 6\n0 were before, 2 files would be rewritten\n"
    assert called.err == ""
    called = call("archive", "redact", "--forgotten")
    assert called.out == "2 captures redacted: 1 6\n0 were before, 2 files rewritten\n"
    assert "raw pages are gone, for everything they showed" in called.err
    assert {row["error"] for row in rig.captures()} == {None, "redacted: asked"}
    assert call("forget", comment_id, "--reason", "asked", "--json").json["captures"] == []
    assert call("archive", "redact", "--forgotten", "--json").json["captures"] == []


@pytest.mark.long
def test_captures_that_cannot_be_searched_are_told(rig: Rig, call: Call) -> None:
    rig.harvest(DAY)
    article_id, _ = ids(rig)
    (path,) = rig.archive.iterdir()
    hidden = path.rename(Path(rig.url).with_name("hidden"))
    called = call("forget", article_id, "--reason", "asked", "--json")
    assert (called.code, called.json["captures"], called.json["unread"]) == (1, [], [1, 2, 3, 4, 5])
    assert "captures that cannot be read, and may hold it: 1 2 3 4 5" in called.err
    assert called.json["articles"] == 1
    called = call("archive", "redact", "--forgotten")
    assert called.code == 1
    assert "may hold it: 1 2 3 4 5" in called.err
    hidden.rename(path)
    assert call("archive", "redact", "--forgotten").code == 0
    assert len({row["error"] for row in rig.captures()}) == 1
