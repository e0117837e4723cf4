"""From an empty database to the newest schema, and what is refused."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, text

from ingest.errors import SchemaOutdated, StoreUnusable
from ingest.store import Store
from ingest.store.database import migrate, upgrading
from ingest.store.database.engine import open_engine, read_url
from ingest.store.database.schema import metadata
from tests.kit.parsed import at


@pytest.fixture
def engine(url: str):
    opened = open_engine(read_url(url))
    yield opened
    opened.dispose()


OWN_WAY = ("article_words", "comment_words", "ix_comments_author")
"""The tables of the index of words, and an index of names: each database has these in its own way."""


def differences(connection: Connection) -> list[object]:
    def compared(_thing: object, name: str | None, *_rest: object) -> bool:
        return not str(name).startswith(OWN_WAY)

    options = {"compare_server_default": True, "include_object": compared}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def test_the_migrated_schema_is_the_one_in_the_program(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert differences(connection) == []


def test_the_migrated_schema_has_the_names_of_the_one_in_the_program(engine: Engine) -> None:
    migrate.upgrade(engine)
    migrated = checks(engine)
    move(engine, command.downgrade, "base")
    with engine.begin() as connection:
        metadata.create_all(connection)
    assert checks(engine) == migrated


def checks(engine: Engine) -> dict[str, object]:
    look = inspect(engine)
    return {
        name: (
            sorted(str(one["name"]) for one in look.get_check_constraints(name)),
            sorted(str(one["name"]) for one in look.get_foreign_keys(name)),
            look.get_pk_constraint(name)["name"],
        )
        for name in metadata.tables
    }


def test_the_comparison_would_see_a_difference(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE runs ADD COLUMN stray INTEGER"))
    with engine.connect() as connection:
        assert len(differences(connection)) == 1


def test_upgrading_twice_is_upgrading_once(engine: Engine) -> None:
    assert migrate.revision(engine) is None
    migrate.upgrade(engine)
    migrate.upgrade(engine)
    assert migrate.revision(engine) == migrate.newest()


def test_a_newer_database_is_refused_naming_both_revisions(url: str, engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for upgrade in (True, False):
        with pytest.raises(StoreUnusable, match=rf"9999.*{migrate.newest()}"):
            Store.open(url, upgrade=upgrade)


def test_an_unfinished_rebuild_is_opened_by_a_rebuild_alone(url: str, engine: Engine) -> None:
    with Store.rebuild(url) as store, suppress(ZeroDivisionError), store.rebuilding():
        raise ZeroDivisionError
    for opened in (Store.open, Store.read):
        with pytest.raises(StoreUnusable, match="run `thresher db rebuild` again"):
            opened(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'unfinished rebuild 0001'"))
    with pytest.raises(StoreUnusable, match=r"schema 0001\): remove that database"):
        Store.rebuild(url)
    migrate._put(engine, f"unfinished rebuild {migrate.newest()}")
    with Store.rebuild(url) as store, store.rebuilding():
        pass
    Store.read(url).close()


def test_an_empty_database_is_refused_if_it_may_not_be_upgraded(url: str) -> None:
    with pytest.raises(SchemaOutdated, match="thresher db upgrade"):
        Store.open(url, upgrade=False)
    Store.open(url).close()
    with Store.open(url, upgrade=False) as store:
        assert store.revision() == migrate.newest()


def test_a_migration_that_fails_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = command.upgrade

    def broken(*arguments: object) -> None:
        whole(*arguments)
        raise RuntimeError("half way")

    monkeypatch.setattr(command, "upgrade", broken)
    with pytest.raises(RuntimeError, match="half way"):
        migrate.upgrade(engine)
    assert inspect(engine).get_table_names() == []


NOON_TEXT = "2021-05-04T12:00:00.000000Z"
HELD_BEFORE_LEASES = (
    f"""INSERT INTO runs (id, command, source, started_at, counts, version, host, pid)
    VALUES (7, 'harvest', 'harbour', '{NOON_TEXT}', '{{}}', '0.1.0', 'here', 1)""",
    f"""INSERT INTO captures
    (id, run_id, source, url, captured_at, status, digest, warc_file, warc_offset, warc_length, framed)
    VALUES (5, 7, 'harbour', 'https://harbour.example/', '{NOON_TEXT}', 200, 'd', 'a.warc.gz', 0, 9, true)""",
    """INSERT INTO pages (source, day, section, state, attempts, capture_id, held_articles)
    VALUES ('harbour', '2021-05-04', 1, 'short', 2, 5, 3), ('harbour', '2021-05-04', 2, 'done', 0, 5, 4)""",
    f"""INSERT INTO quarantine
    (capture_id, source, url, error_kind, error, attempts, first_failed_at, last_failed_at)
    VALUES (5, 'harbour', 'https://harbour.example/', 'FieldMissing', '', 1,
    '{NOON_TEXT}', '{NOON_TEXT}')""",
)


def move(engine: Engine, step: Callable[..., None], to: str) -> None:
    with upgrading._migration(engine) as connection:
        step(upgrading._config(connection, migrate.MIGRATIONS), to)


def test_leases_come_to_what_is_held_and_go_from_it(url: str, engine: Engine) -> None:
    move(engine, command.upgrade, "0004")
    with engine.begin() as connection:
        for row in HELD_BEFORE_LEASES:
            connection.exec_driver_sql(row)
    with Store.open(url) as store, store.present() as owner:
        before = store.ledger.coverage()
        assert [(page.state, page.attempts, page.capture_id, page.held_articles) for page in before] == [
            ("short", 2, 5, 3),
            ("done", 0, 5, 4),
        ]
        assert [one.capture_id for one in store.captures.between()] == [5]
        assert [one.attempts for one in store.captures.quarantined()] == [1]
        lease = store.leases.lease("harbour", before[0].day, owner=owner, now=at(0), until=at(1))
        assert lease is not None
        assert lease.fences == {1: 1}
    move(engine, command.downgrade, "0004")
    with engine.connect() as connection:
        states = connection.execute(text("SELECT state FROM pages ORDER BY section")).scalars()
        assert list(states) == ["short", "done"]


def test_downgrading_takes_everything_away(engine: Engine) -> None:
    migrate.upgrade(engine)
    move(engine, command.downgrade, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate.upgrade(engine)
    made = {name for name in inspect(engine).get_table_names() if not name.startswith(OWN_WAY)}
    assert made == {*metadata.tables, "alembic_version"}


def test_foreign_keys_are_off_while_sqlite_migrates_and_on_afterwards(tmp_path: Path) -> None:
    engine = open_engine(read_url(str(tmp_path / "a.db")))
    migrate.upgrade(engine)
    with upgrading._migration(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_a_migration_that_orphans_rows_is_rolled_back(tmp_path: Path) -> None:
    engine = open_engine(read_url(str(tmp_path / "a.db")))
    migrate.upgrade(engine)
    columns = "source, day, section, state, attempts, capture_id"
    orphan = f"INSERT INTO pages ({columns}) VALUES ('a', '2021-05-04', 1, 'done', 0, 77)"
    with (
        pytest.raises(StoreUnusable, match="1 rows without their parents"),
        upgrading._migration(engine) as connection,
    ):
        connection.exec_driver_sql(orphan)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pages").scalar() == 0
    engine.dispose()


def test_a_percent_sign_in_the_path_of_the_program_is_no_interpolation(engine: Engine) -> None:
    odd = migrate.MIGRATIONS.parent / "100%(here)s" / ".." / "migrations"
    with engine.connect() as connection:
        config = upgrading._config(connection, odd)
    assert config.get_main_option("script_location") == str(odd)


def test_the_newest_revision_is_the_last_of_the_chain(engine: Engine) -> None:
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(upgrading._config(connection, migrate.MIGRATIONS))
    assert [one.revision for one in scripts.walk_revisions()] == migrate.known()[::-1]


def test_a_revision_imports_nothing_of_ours() -> None:
    for file in (migrate.MIGRATIONS / "versions").glob("*.py"):
        assert "import ingest" not in file.read_text()
        assert "from ingest" not in file.read_text()


def test_an_interrupted_migration_says_what_it_was_and_changes_nothing(engine: Engine) -> None:
    def interrupt(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE pages" in statement:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(engine)
    event.remove(engine, "before_cursor_execute", interrupt)
    assert migrate.revision(engine) is None
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert differences(connection) == []
