"""The index of words that `search` asks, filled from what is held; triggers keep it; views for people.

A later revision that rebuilds ``articles`` or ``comments`` on SQLite has to drop the views before, and to
make them and the triggers again.
A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Both read their tables for what they show: the words are held once.
FTS5 = "content_rowid='id', tokenize='unicode61 remove_diacritics 2'"
COLUMNS = {"article": ("title", "text"), "comment": ("author", "text")}

# A tsvector may have a megabyte: that is enough for the words of so many characters, of whatever script.
MOST_CHARACTERS = 200_000
# Every sign of ASCII, and the blocks of punctuation, symbols and arrows beyond: PostgreSQL's own parser takes
# `and/or` for a path, and in a database of locale C a quotation mark for a letter.
SIGNS = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e5d\u3000-\u3004\u3008-\u3020\u3030\ufe10-\ufe1f\ufe30-\ufe4f"
    r"\uff01-\uff0f\uff1a-\uff20]+"
)
ACCENTS = r"[\u0300-\u036f]+"


def _run(statement: str) -> None:
    # As it stands: op.execute() takes `:MI` for a parameter.
    op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _index_sqlite()
    else:
        _index_postgresql()
    for statement in _views(op.get_bind().dialect.name):
        _run(statement)


def downgrade() -> None:
    _run("DROP VIEW v_comments")
    _run("DROP VIEW v_articles")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for kind in COLUMNS:
        if is_sqlite:
            for event in ("insert", "delete", "update"):
                _run(f"DROP TRIGGER {kind}_words_{event}")
        else:
            _run(f"DROP FUNCTION {kind}_words() CASCADE")
        _run(f"DROP TABLE {kind}_words")
    if not is_sqlite:
        _run("DROP FUNCTION thresher_words(text)")


def _index_sqlite() -> None:
    for kind, columns in COLUMNS.items():
        index, table, names = f"{kind}_words", f"{kind}s", ", ".join(columns)
        _run(f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='{table}', {FTS5})")
        new = ", ".join(f"new.{name}" for name in columns)
        old = ", ".join(f"old.{name}" for name in columns)
        put = f"INSERT INTO {index} (rowid, {names}) VALUES (new.id, {new});"
        take = f"INSERT INTO {index} ({index}, rowid, {names}) VALUES ('delete', old.id, {old});"
        differs = " OR ".join(f"old.{name} IS NOT new.{name}" for name in columns)
        _run(f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {put} END")
        _run(f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {take} END")
        _run(
            f"CREATE TRIGGER {index}_update AFTER UPDATE OF {names} ON {table} "
            f"WHEN {differs} BEGIN {take} {put} END"
        )
        _run(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")


def _index_postgresql() -> None:
    _run(_words_function(op.get_bind()))
    words = {
        "article": "setweight(thresher_words({0}title), 'A') || thresher_words({0}text)",
        "comment": "thresher_words({0}text)",
    }
    for kind, made in words.items():
        index, table = f"{kind}_words", f"{kind}s"
        columns = "title, text" if kind == "article" else "text"
        differs = " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in columns.split(", "))
        _run(
            f"CREATE TABLE {index} (id bigint NOT NULL, words tsvector NOT NULL, "
            f"CONSTRAINT pk_{index} PRIMARY KEY (id))"
        )
        _run(f"INSERT INTO {index} SELECT id, {made.format('')} FROM {table}")
        _run(f"CREATE INDEX ix_{index} ON {index} USING gin (words)")
        _run(
            f"""CREATE FUNCTION {index}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF tg_op = 'DELETE' THEN
                    DELETE FROM {index} WHERE id = old.id;
                ELSE
                    INSERT INTO {index} VALUES (new.id, {made.format("new.")})
                    ON CONFLICT (id) DO UPDATE SET words = excluded.words;
                END IF;
                RETURN NULL;
            END $$"""
        )
        each = f"FOR EACH ROW EXECUTE FUNCTION {index}()"
        update = (
            f"AFTER UPDATE OF {columns} ON {table} FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION {index}()"
        )
        _run(f"CREATE TRIGGER {index}_change AFTER INSERT OR DELETE ON {table} {each}")
        _run(f"CREATE TRIGGER {index}_update {update}")


def _words_function(connection: sa.Connection) -> str:
    """Words as SQLite's index has them: small letters without accents, and nothing but letters and digits."""
    plain = f"lower(left($1, {MOST_CHARACTERS}){_collation(connection)})"
    if connection.exec_driver_sql("SHOW server_encoding").scalar() == "UTF8":
        # normalize() knows no other encoding.
        plain = f"normalize(regexp_replace(normalize({plain}, NFD), '{ACCENTS}', '', 'g'), NFC)"
        plain = f"regexp_replace({plain}, '{SIGNS}', ' ', 'g')"
    return (
        "CREATE FUNCTION thresher_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "
        f"$$ SELECT to_tsvector('pg_catalog.simple', {plain}) $$"
    )


def _collation(connection: sa.Connection) -> str:
    """One that knows small letters of all scripts, where a database's own may know ASCII alone."""
    found = set(
        connection.exec_driver_sql(
            "SELECT collname FROM pg_collation WHERE collname IN ('pg_c_utf8', 'und-x-icu') "
            "AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))"
        ).scalars()
    )
    return next((f' COLLATE "{name}"' for name in ("pg_c_utf8", "und-x-icu") if name in found), "")


def _views(dialect: str) -> tuple[str, ...]:
    def moment(column: str) -> str:
        if dialect == "sqlite":
            return f"substr({column}, 1, 19) || 'Z'"
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""

    def gone(moment: str) -> str:
        return f"CASE WHEN {moment} IS NULL THEN 'no' ELSE 'yes' END"

    day = "a.date" if dialect == "sqlite" else "to_char(a.date, 'YYYY-MM-DD')"
    return (
        f"""CREATE VIEW v_articles AS SELECT
        a.id AS id, a.source AS source, a.external_id AS article, {day} AS day, a.section AS section,
        a.section_name AS section_name, a.category AS category, a.title AS title, a.posted_by AS posted_by,
        {moment("a.posted_at")} AS posted_at, a.posted_local AS posted_local, a.link AS link,
        a.outlet AS outlet,
        a.label AS label, a.views AS views, a.text AS text,
        (SELECT count(*) FROM comments c WHERE c.article_id = a.id AND c.vanished_at IS NULL) AS comments,
        {gone("a.vanished_at")} AS vanished, {moment("a.vanished_at")} AS vanished_at,
        {moment("a.first_seen_at")} AS first_seen_at, {moment("a.last_seen_at")} AS last_seen_at
        FROM articles a""",
        f"""CREATE VIEW v_comments AS SELECT
        c.id AS id, a.source AS source, a.external_id AS article, a.title AS article_title,
        {day} AS article_day, c.external_id AS comment, c.number AS number, c.author AS author,
        {moment("c.posted_at")} AS posted_at,
        c.posted_local AS posted_local, c.text AS text, c.position AS position,
        c.parent_external_id AS reply_to, {gone("coalesce(c.vanished_at, a.vanished_at)")} AS vanished,
        {moment("coalesce(c.vanished_at, a.vanished_at)")} AS vanished_at,
        {moment("c.first_seen_at")} AS first_seen_at, {moment("c.last_seen_at")} AS last_seen_at
        FROM comments c JOIN articles a ON a.id = c.article_id""",
    )
