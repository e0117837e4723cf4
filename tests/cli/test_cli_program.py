"""The program as a whole: settings, demo, and a handful of real processes."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ingest.cli.main import COMMANDS, thresher
from ingest.clock import SystemClock
from ingest.errors import ConfigurationError
from ingest.records.chosen import SourceSettings
from ingest.settings import Settings, load_settings
from ingest.store import Store
from parsers.registry import configured
from tests.cli.conftest import Call, on_loopback
from tests.kit import rows
from tests.kit.commands import loaded
from tests.kit.marks import long
from tests.kit.rig import DAY
from tests.site.server import SiteServer

THRESHER = Path(sys.executable).with_name("thresher")


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("THRESHER_DATABASE", "THRESHER_ARCHIVE", "THRESHER_CONTACT"):
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("no_variables")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "databse = 'x'",
            "databse is 'x': there is no such key (did you mean 'database'?); known: archive, ",
        ),
        (
            "[sources.rantburg]\ndely = 1",
            "[sources.rantburg]: dely is 1: there is no such key (did you mean 'del",
        ),
        ("[sources.rantbrug]\ndelay = 1", "no source is named 'rantbrug'; known: rantburg"),
        ("database = 7", "database is 7"),
        ("archive = ['x']", "archive is ['x']"),
        ("sources = 'rantburg'", "sources is 'rantburg'"),
        ("[sources]\nrantburg = 1", "sources.rantburg is 1: it should be a valid dictionary"),
        ("[sources.rantburg]\nbase_url = 1", "base_url is 1"),
        ("[sources.rantburg]\ndelay = '1'", "delay is '1': it should be a valid number"),
        ("[sources.rantburg]\ndelay = true", "delay is True: it should be a valid number"),
        ("[sources.rantburg]\ndelay = nan", "delay is nan: it should be a finite number"),
        ("[sources.rantburg]\ndelay = -1", "delay is -1: it should be greater than or equal to 0"),
        ("this is not TOML", "is not TOML"),
        (b"contact = '\xff'", "is not TOML"),
    ],
)
def test_a_file_that_is_wrong(call: Call, toml: Path, content: str | bytes, said: str) -> None:
    toml.write_bytes(content if isinstance(content, bytes) else content.encode())
    called = call("status")
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith(f"thresher: {toml}")
    assert said in called.err


def test_a_file_that_is_not_there(call: Call, tmp_path: Path) -> None:
    called = call("--config", tmp_path / "none.toml", "status")
    assert called.err == f"thresher: {tmp_path / 'none.toml'} cannot be read: No such file or directory\n"
    assert called.code == 2


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (
            "THRESHER_CONTACT",
            "caf\u00e9",
            "THRESHER_CONTACT: contact is 'caf\u00e9': it cannot stand in a header",
        ),
        ("THRESHER_WATCH", "9000", "THRESHER_WATCH: watch is 9000: it should be a valid dictionary"),
        ("THRESHER_SOURCES", "{", "the environment: "),
    ],
)
def test_a_variable_that_is_wrong(
    call: Call, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    called = call("status")
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith(f"thresher: {words}")


@pytest.mark.parametrize("contact", ["line\nbreak", "caf\u00e9@h.example", "\x1b[31m"])
def test_a_contact_that_no_header_can_carry(
    call: Call, monkeypatch: pytest.MonkeyPatch, contact: str
) -> None:
    monkeypatch.setenv("THRESHER_CONTACT", contact)
    called = call("status")
    assert (called.code, "cannot stand in a header" in called.err) == (2, True)


@pytest.mark.usefixtures("no_variables")
def test_options_before_the_environment_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'database = "file.db"\narchive = "~/kept"\ncontact = "file@h.example"\n'
        '[sources.rantburg]\nbase_url = "http://127.0.0.1:1"\ndelay = 7\n'
    )
    told = load_settings(database=None, archive=None, config=file)
    assert (told.database, told.archive) == ("file.db", Path("~/kept").expanduser())
    assert (told.contact, told.config) == ("file@h.example", file)
    assert told.source("rantburg") == SourceSettings(base_url="http://127.0.0.1:1/", delay=7.0)
    assert told.source("rantburg", base_url="http://127.0.0.1:2", delay=0.0) == SourceSettings(
        base_url="http://127.0.0.1:2/", delay=0.0
    )
    monkeypatch.setenv("THRESHER_CONTACT", "me@h.example")
    told = load_settings(database="option.db", archive="here", config=file)
    assert (told.database, told.archive, told.contact) == ("option.db", Path("here"), "me@h.example")


def test_the_environment_is_heard_and_options_come_before_it(call: Call, tmp_path: Path, toml: Path) -> None:
    toml.write_text(f'database = "{tmp_path / "file.db"}"')
    assert "held.sqlite3" in call("db", "upgrade", "--json").json["database"]
    assert "opt.db" in call("--database", tmp_path / "opt.db", "db", "upgrade", "--json").json["database"]


@pytest.mark.usefixtures("no_variables")
def test_without_a_word_it_is_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = load_settings(database=None, archive=None, config=None)
    assert told.database == str(tmp_path / "data" / "thresher" / "thresher.sqlite3")
    assert told.archive == tmp_path / "data" / "thresher" / "archive"


@pytest.fixture
def homeless(no_variables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account without a name and a home, as in a container that runs under a bare number."""

    def nameless(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nameless)
    for name in ("HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("homeless")
def test_no_home_is_needed_where_all_is_named() -> None:
    told = load_settings(database="held.db", archive="here", config=None)
    assert (told.database, told.archive) == ("held.db", Path("here"))
    assert "contact: nobody@" in told.user_agent


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize(("database", "archive"), [(None, "here"), ("held.db", None), ("held.db", "~/kept")])
def test_without_a_home_there_is_no_place_by_default(database: str | None, archive: str | None) -> None:
    with pytest.raises(ConfigurationError, match="there is no home folder"):
        load_settings(database=database, archive=archive, config=None)


def test_a_home_that_is_another_users_has_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    assert load_settings(database="held.db", archive="here", config=None).config is None


def test_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings(database="", archive=Path())
    monkeypatch.setattr("platform.node", lambda: "h\u00fctte")
    monkeypatch.setenv("LOGNAME", "keeper")
    assert plain.user_agent.endswith("(archiver of discussions; contact: keeper@h?tte)")

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert "contact: nobody@" in plain.user_agent


def test_the_site_is_where_the_file_says(call: Call, toml: Path, site: SiteServer) -> None:
    toml.write_text(on_loopback(site))
    assert call("harvest", "rantburg", "--date", DAY, "--json").json["requests"] == 5
    assert site.requests[0].user_agent.endswith("contact: tests@localhost)")


def test_demo_as_json(call: Call) -> None:
    called = call("demo", "--json")
    assert called.code == 0
    assert set(called.json) == {"harvests", "verify", "second"}
    assert [told["requests"] for told in called.json["harvests"]] == [5, 1]
    assert called.json["verify"]["complete"] is True
    assert called.json["verify"]["held"] == {"articles": 25, "comments": 60}
    second = called.json["second"]
    assert [counted["requests"] for counted in second["harvests"]] == [5, 2]
    assert second["verify"]["complete"] is True
    assert second["verify"]["held"] == {"articles": 3, "comments": 109}
    assert configured() == ()


@pytest.mark.long
def test_demo_can_be_kept(call: Call, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    called = call("demo", "--keep", kept)
    assert called.code == 0
    assert "harvested again at once:" in called.out
    assert "complete" in called.out.splitlines()
    assert f"kept in {kept}: " in called.err
    assert min(path.name for path in kept.iterdir()) == "archive"
    assert call("--database", kept / "demo.sqlite3", "verify").code == 0
    assert call("-q", "demo", "--keep", kept).err == ""


def test_demo_without_fixtures(call: Call, tmp_path: Path) -> None:
    assert call("demo", "--fixtures", tmp_path).code == 2


@pytest.mark.usefixtures("made")
def test_quiet_and_verbose(harvest: Call, call: Call, site: SiteServer) -> None:
    assert call("-q", "status").err == ""
    assert call("-vvvv", "status").code == 0
    assert logging.getLogger().level == logging.DEBUG
    call("--quiet", "status")
    assert logging.getLogger().level == logging.ERROR
    assert logging.getLogger("httpx").level == logging.WARNING


def test_what_is_logged_cannot_reach_the_terminal(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("status")
    try:
        int("\x1b[31mred \x9b1m")
    except ValueError:
        logging.getLogger("ingest.anything").exception("said \x1b[31mred\x07 [bold]so[/bold]")
    err = capsys.readouterr().err
    assert "[bold]so[/bold]" in err
    assert "Traceback" in err
    assert err.replace("\n", "").isprintable()


def program(*arguments: object, **more: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(THRESHER), *map(str, arguments)], capture_output=True, text=True, check=False, **more
    )  # type: ignore[call-overload,no-any-return]


@pytest.mark.long
def test_the_installed_program(tmp_path: Path, site: SiteServer, database: str) -> None:
    there = ("--date", DAY, "--base-url", site.url, "--delay", 0)
    done = program("--json", "harvest", "rantburg", *there)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["exit_code"] == 0
    assert rows.held(database) == rows.told(*site.days.values())
    assert program("verify").returncode == 0


@pytest.mark.parametrize(("option", "said"), [("--version", "thresher, version "), ("--help", "Usage: ")])
def test_what_it_is(call: Call, option: str, said: str) -> None:
    called = call(option)
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith(said)


def every_command() -> Iterator[tuple[str, ...]]:
    for name, command in loaded(thresher):
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.commands)
        else:
            yield (name,)


def test_each_command_is_imported_under_its_name_and_says_what_it_does() -> None:
    for later in COMMANDS:
        assert later.load().name == later.name
        assert later.help is not None
        assert later.help.endswith(".")
        assert len(later.help) <= 45  # what shells show beside a completion


def test_help_and_completion_import_no_command() -> None:
    ask = """
import sys
from ingest.cli.main import main
try:
    main()
finally:
    known = ("ingest.cli.commands", "ingest.store", "sqlalchemy", "pydantic", "rich", "httpx")
    print("imported", [name for name in known if name in sys.modules])
"""
    completion = {"_THRESHER_COMPLETE": "bash_complete", "COMP_WORDS": "thresher ", "COMP_CWORD": "1"}
    for arguments, more, expected in ((["--help"], {}, "backfill"), ([], completion, "plain,backfill")):
        run = subprocess.run(
            [sys.executable, "-c", ask, *arguments],
            env=os.environ | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert expected in run.stdout, run.stderr
        assert "imported []" in run.stdout


NO_ANSWER = {("watch",), ("worker",), ("console",), ("completion",), ("db", "datasette-metadata")}
"""What runs for years, or prints what another program reads as it is."""


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
def test_every_command_tells_its_options(call: Call, command: tuple[str, ...]) -> None:
    called = call(*command, "-h")
    assert called.code == 0
    assert ("--json" in called.out) == (command not in NO_ANSWER)


@pytest.mark.long
def test_an_interrupted_command_says_so_in_one_line(
    call: Call, site: SiteServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(_: object, seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SystemClock, "sleep", interrupted)
    called = call("harvest", "rantburg", "--date", DAY, "--base-url", site.url, "--delay", "1")
    assert (called.code, called.out, called.err.strip()) == (1, "", "thresher: interrupted")
    (run,) = rows.table(database, "runs")
    assert (run["outcome"], run["error"]) == ("failed", "broken off")


@pytest.mark.long
def test_the_installed_program_refuses_what_it_does_not_know() -> None:
    done = program("nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'nothing'" in done.stderr


@pytest.mark.long
@pytest.mark.parametrize("arguments", [("runs",), *long(("--json", "runs"))])
def test_a_reader_that_has_read_enough(database: str, arguments: tuple[str, ...]) -> None:
    with Store.open(database) as store:
        for _ in range(300):
            store.runs.begin("harvest", "rantburg", SystemClock().now())
    pipe, writing = os.pipe()
    os.close(pipe)
    done = subprocess.run(
        [str(THRESHER), *arguments, "--limit", "300"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_database_locked_by_another_is_told(
    call: Call, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.store.database.sqlite.TO_WRITE", ("busy_timeout=50",))
    with Store.open(database):
        pass
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    called = call("harvest", "rantburg", "--base-url", "http://127.0.0.1:9/")
    other.close()
    assert called.code == 3
    assert "locked" in called.err
