"""A takedown stands in the database and beside the archive; whoever lacks it gets it from the other."""

import pytest

import ingest.jobs.takedown.forget as forgetting
from ingest.archive.suppressed import FILE, read_suppressed
from tests.cli.conftest import Call
from tests.kit import rows
from tests.kit.rig import DAY, Rig


def remembered(rig: Rig) -> list[tuple[str, str | None]]:
    kept = read_suppressed(rig.archive) or ()
    return [(one.what.article, one.what.comment) for one in kept]


def held(rig: Rig) -> list[tuple[str, str | None]]:
    found = rows.table(rig.url, "suppressed")
    return [(row["article_external_id"], row["comment_external_id"]) for row in found]


def test_forget_writes_the_line_and_an_upgrade_those_of_an_older_database(rig: Rig, call: Call) -> None:
    for article in ("7", "7", "8"):
        said = call("forget", article, "--source", "rantburg", "--kind", "article", "--reason", "asked")
        assert said.code == 0
    assert remembered(rig) == held(rig) == [("7", None), ("8", None)]
    (rig.archive / FILE).unlink()
    assert call("db", "upgrade").code == 0
    assert remembered(rig) == held(rig)


class Killed(BaseException):
    pass


@pytest.mark.long
def test_a_kill_between_the_file_and_the_database(
    rig: Rig, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.harvest(DAY)
    article = rig.site.days[DAY].articles[0].external_id

    def killed(*_: object) -> None:
        append(*_)  # type: ignore[arg-type]
        raise Killed

    append = forgetting.append_suppressed
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "append_suppressed", killed)
        with pytest.raises(Killed):
            call("forget", article, "--reason", "asked")
    assert (remembered(rig), held(rig)) == ([(article, None)], [])
    rig.harvest(DAY, full=True)
    assert held(rig) == [(article, None)]
    titles = {row["external_id"]: row["title"] for row in rows.table(rig.url, "articles")}
    assert titles[article] == ""
    assert list(titles.values()).count("") == 1


def test_an_archive_that_cannot_be_written_keeps_no_words_in_the_database(rig: Rig, call: Call) -> None:
    rig.archive.write_text("no folder")
    said = call("forget", "7", "--source", "rantburg", "--kind", "article", "--reason", "asked", "--json")
    assert said.code == 1
    assert held(rig) == [("7", None)]
    assert FILE in said.err
