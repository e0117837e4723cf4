"""Which databases are opened, how, and what is said of those that cannot be."""

from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from ingest.errors import AddressInvalid, StoreUnusable
from ingest.store import Store
from ingest.store.database.engine import read_url, shown, sqlite_file
from tests.kit.parsed import article, at, section_page
from tests.kit.visits import article_of, visit

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "driver", "database"),
    [
        ("held.db", "sqlite", "held.db"),
        ("/var/lib/held.db", "sqlite", "/var/lib/held.db"),
        ("sqlite:///held.db", "sqlite", "held.db"),
        ("sqlite+pysqlite:////var/held.db", "sqlite", "/var/held.db"),
        ("postgresql://a:b@host/held", "postgresql+psycopg", "held"),
        ("postgres://host/held", "postgresql+psycopg", "held"),
        ("postgresql+psycopg2://host/held", "postgresql+psycopg", "held"),
    ],
)
def test_a_database_is_named_by_url_or_path(text: str, driver: str, database: str) -> None:
    url = read_url(text)
    assert (url.drivername, url.database) == (driver, database)


@pytest.mark.parametrize(
    "text", [f"mysql://me:{SECRET}@host/held", "://", f"postgresql://me:{SECRET}@host:port/x"]
)
def test_an_address_that_is_no_database_of_ours_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        read_url(text)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"postgresql:/me:{SECRET}@host/held", "begins with 'postgresql:'"),
        (f"postgresql//me:{SECRET}@host/held", "colon is missing"),
        (f"me:{SECRET}@host/held", "begins with 'me:'"),
        (f"//me:{SECRET}@host/held", "without its scheme"),
        (f"/me:{SECRET}@host/held", "without its scheme"),
        (f"host=there password={SECRET}", "list of settings"),
        (f"mysql+driver://me:{SECRET}@host/held", r"mysql\+driver:// is not known"),
        ("C:\\Users\\me\\held.db", "begins with 'C:'"),
        ("C:/Users/me/held.db", "begins with 'C:'"),
        ("file:held.db", "begins with 'file:'"),
        ("sqlite:held.db", "begins with 'sqlite:'"),
        ("sqlite://held.db", "third slash"),
        ("held.db?mode=ro", "path with options"),
        (f"sqlite:///held.db?key={SECRET}", "'key' is no option of sqlite"),
        ("sqlite:///held.db?mode=often", "mode is not one of"),
        ("held\x00.db", "NUL"),
        ("sqlite:///held%00.db", "NUL"),
    ],
)
def test_a_slip_makes_no_file_and_shows_no_password(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AddressInvalid, match=words) as caught:
        Store.open(text)
    assert SECRET not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["./notes:1.db", "/data/1:2/held.db", "day@home.db", "a=b/held.db"])
def test_what_is_plainly_a_path_is_taken(path: str) -> None:
    assert str(sqlite_file(read_url(path))) == str(Path(path))


def test_the_form_that_sqlalchemy_has_for_options_is_understood() -> None:
    url = read_url("sqlite:///file:/var/held.db?mode=ro&uri=true")
    assert (url.database, dict(url.query)) == ("/var/held.db", {"mode": "ro"})


def test_a_home_folder_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_url("~/held.db").database == str(tmp_path / "held.db")


def test_a_password_is_never_shown() -> None:
    several = f"password={SECRET}&sslpassword={SECRET}&sslpassword={SECRET}&oauth_client_secret={SECRET}"
    url = read_url(f"postgresql://me:{SECRET}@host/held?{several}&sslmode=require&passfile=mine")
    assert SECRET not in shown(url)
    assert "sslmode=require" in shown(url)
    assert "passfile=mine" in shown(url)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("bogus=1", "'bogus' is no option"),
        ("autocommit=1", "'autocommit' is no option"),
        ("row_factory=x", "'row_factory' is no option"),
        ("connect_timeout=abc", "connect_timeout"),
        ("sslmode=perhaps", "sslmode"),
        ("port=abc", "an option has a value"),
    ],
)
def test_an_option_that_is_none_is_named(option: str, words: str) -> None:
    with pytest.raises(AddressInvalid, match=words) as caught:
        Store.open(f"postgresql://me:{SECRET}@127.0.0.1:1/held?sslpassword={SECRET}&{option}")
    assert SECRET not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable) as caught:
        Store.open(f"postgresql://me:{SECRET}@/held?host={tmp_path}")
    assert str(tmp_path) in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_server_that_says_no_is_named_without_the_password(server: str) -> None:
    with pytest.raises(StoreUnusable) as caught:
        Store.open(server.replace("/postgres?", "/nowhere?").replace("thresher@", f"thresher:{SECRET}@"))
    assert SECRET not in str(caught.value)


def test_without_the_driver_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object, **_options: object) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr("ingest.store.database.engine.create_engine", missing)
    with pytest.raises(StoreUnusable, match=r"thresher\[postgresql\]"):
        Store.open("postgresql://host/held")


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "held.db"
    with Store.open(str(path)) as store:
        assert store.address.endswith(str(path))
    assert path.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnusable, match=r"file/held\.db"):
        Store.open(str(tmp_path / "file" / "held.db"))


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="unable to open"):
        Store.open(str(tmp_path))


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 100)
    with pytest.raises(StoreUnusable, match=r"letter\.txt.*not a database"):
        Store.open(str(path))
    assert path.read_text().startswith("Dear reader")


def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "held.db")) as store, store.transaction() as tx:
        ask = tx._connection.exec_driver_sql
        assert ask("PRAGMA journal_mode").scalar() == "wal"
        assert ask("PRAGMA synchronous").scalar() == 2
        assert ask("PRAGMA foreign_keys").scalar() == 1
        assert ask("PRAGMA busy_timeout").scalar() == 30_000


def test_a_store_can_be_in_memory() -> None:
    with Store.open("sqlite://") as store:
        visit(store, section_page([article("100")]), at(0))
        assert article_of(store).external_id == "100"


def test_an_error_rolls_the_transaction_back_and_comes_through(store: Store) -> None:
    def fail_half_way() -> None:
        with store.transaction() as tx:
            tx.suppress("harbour", "100", None, reason="test", suppressed_at=at(0))
            raise OSError("disk on fire")

    with pytest.raises(OSError, match="disk on fire"):
        fail_half_way()
    with store.transaction() as tx:
        assert tx.held("harbour", {"100"}).suppressed_articles == frozenset()


def test_a_database_that_fails_later_is_unusable_too(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    with Store.open(str(path)) as store:
        store._engine.dispose()
        path.write_bytes(b"rubbish " * 2000)
        with pytest.raises(StoreUnusable, match=r"held\.db"):
            store.runs.status(now=at(10_000))


def test_a_wrong_question_stays_a_bug(newest_postgresql) -> None:
    with Store.open(newest_postgresql()) as store, pytest.raises(ProgrammingError), store.transaction() as tx:
        tx._connection.exec_driver_sql("SELECT * FROM nowhere")


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "held.db"
    with Store.open(str(path)) as store, store.transaction():
        made = [path.parent.parent, path.parent, path, *path.parent.glob("held.db-*")]
        assert [one.stat().st_mode & 0o777 for one in made] == [0o700, 0o700, 0o600, 0o600, 0o600]


def test_a_database_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    Store.open(str(path)).close()
    path.chmod(0o664)
    Store.open(str(path)).close()
    assert path.stat().st_mode & 0o777 == 0o664
