"""Rows of articles, comments and their versions in less room.

On SQLite moments are integers, the microseconds since 1970. On both databases a digest is its bytes, and an
HTML that is its row's text is null; '' is where the page gave none, and an empty comment of HTML stands
before one that is itself empty. The views show moments as before, and
there is one for each table of versions.

SQLite's tables are written anew, which of a million comments takes more than a minute: ``prepare`` copies a
part of the rows, to be committed by itself. Until the last part is in its place nobody may write the old
tables, so that none of it is lost; ``upgrade`` copies what is left, and puts the new tables in their place.
A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SEEN = ("first_seen_at", "last_seen_at", "vanished_at")
VALID = ("valid_from", "valid_to")
MOMENTS = {
    "articles": ("posted_at", "claimed_at", *SEEN),
    "comments": ("posted_at", *SEEN),
    "article_versions": ("posted_at", *VALID),
    "comment_versions": ("posted_at", *VALID),
}
DIGESTED = ("articles", "comments")
NEW = "_in_less_room"
AT_ONCE = 10_000
MANY = 20_000
"""Of fewer comments all is done in one transaction, within a second or two."""
EVENTS = ("INSERT", "UPDATE", "DELETE")

TO_INTEGER = (
    "CAST(strftime('%s', substr({0}, 1, 19)) AS integer) * 1000000"
    " + CAST(substr(rtrim(substr({0}, 21), 'Z') || '000000', 1, 6) AS integer)"
)
PARTS_OF_A_SECOND = "(({0} % 1000000 + 1000000) % 1000000)"
TO_TEXT = (
    f"strftime('%Y-%m-%dT%H:%M:%S', ({{0}} - {PARTS_OF_A_SECOND}) / 1000000, 'unixepoch')"
    f" || '.' || printf('%06d', {PARTS_OF_A_SECOND}) || 'Z'"
)
EMPTY = "<!---->"
HTML_SHORT = (
    "CASE WHEN html = text THEN NULL WHEN html IS NULL THEN ''"
    f" WHEN html = '' OR substr(html, 1, {len(EMPTY)}) = '{EMPTY}' THEN '{EMPTY}' || html ELSE html END"
)
HTML_WHOLE = (
    "CASE WHEN {0}html IS NULL THEN {0}text WHEN {0}html = '' THEN NULL"
    f" WHEN substr({{0}}html, 1, {len(EMPTY)}) = '{EMPTY}' THEN substr({{0}}html, {len(EMPTY) + 1})"
    " ELSE {0}html END"
)


def rows(connection: sa.Connection) -> int:
    """About how many rows there are to be copied before the upgrade; 0 if that can do it by itself."""
    if connection.dialect.name != "sqlite":
        return 0
    number: int = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM comments").scalar_one()
    return number if number > MANY else 0


def prepare(connection: sa.Connection) -> int:
    """Copies a part, within the caller's transaction; how many rows it were: 0 if nothing is left."""
    _define_functions(connection)
    for table in MOMENTS:
        _make(connection, table)
    return next((number for table in MOMENTS if (number := _copy(connection, table, AT_ONCE))), 0)


def upgrade() -> None:
    connection = op.get_bind()
    _drop_views(connection)
    if connection.dialect.name == "sqlite":
        while prepare(connection):
            pass
        for table in MOMENTS:
            _put_in_place(connection, table)
    else:
        _convert(connection, "bytea", DECODED, HTML_SHORT)
    for name, statement in _views(connection.dialect.name, now=True).items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {statement}")


def downgrade() -> None:
    connection = op.get_bind()
    _drop_views(connection)
    if connection.dialect.name == "sqlite":
        for table in MOMENTS:
            _make(connection, table, back=True)
            _copy(connection, table, -1, back=True)
            _put_in_place(connection, table)
    else:
        _convert(connection, "text", "encode(content_digest, 'hex')", HTML_WHOLE.format(""))
    for name, statement in _views(connection.dialect.name, now=False).items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {statement}")


DECODED = (
    "CASE WHEN content_digest ~ '^([0-9a-f]{2})*$' THEN decode(content_digest, 'hex')"
    " ELSE convert_to(content_digest, 'UTF8') END"
)


def _convert(connection: sa.Connection, digest: str, of_digest: str, of_html: str) -> None:
    for table in MOMENTS:
        changes = [f"ALTER COLUMN html TYPE text USING ({of_html})"]
        if table in DIGESTED:
            changes.append(f"ALTER COLUMN content_digest TYPE {digest} USING ({of_digest})")
        connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(changes)}")


def _define_functions(connection: sa.Connection) -> None:
    """SQLite itself decodes hexadecimal digits only since 3.41."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("thresher_unhex", 1, _unhex, deterministic=True)


def _unhex(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return digest.encode()


def _make(connection: sa.Connection, table: str, *, back: bool = False) -> None:
    """The new table, empty; from now on nobody writes the old one."""
    found = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.exec_driver_sql(found, (table + NEW,)).first() is not None:
        return
    statement = connection.exec_driver_sql(found, (table,)).scalar_one()
    types = [(name, r"VARCHAR\(27\)", "BIGINT") for name in MOMENTS[table]]
    types += [("content_digest", "TEXT", "BLOB")] if table in DIGESTED else []
    if back:
        types = [(name, new, old.replace("\\", "")) for name, old, new in types]
    statement = _once(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {table}{NEW}", statement)
    for name, old, new in types:
        statement = _once(rf'(\b{name}"?) {old}', rf"\1 {new}", statement)
    connection.exec_driver_sql(statement)
    for event in EVENTS:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}{NEW}_{event} BEFORE {event} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the database is being upgraded'); END"
        )


def _once(pattern: str, replacement: str, statement: str) -> str:
    changed, number = re.subn(pattern, replacement, statement, flags=re.IGNORECASE)
    if number != 1:
        raise ValueError(
            f"a table is not as thresher made it: {pattern} stands {number} times in {statement}"
        )
    return changed


def _copy(connection: sa.Connection, table: str, most: int, *, back: bool = False) -> int:
    names = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
    moment, digest = (TO_TEXT, "lower(hex({0}))") if back else (TO_INTEGER, "thresher_unhex({0})")
    forms = dict.fromkeys(MOMENTS[table], moment) | {"content_digest": digest}
    forms["html"] = HTML_WHOLE.format("") if back else HTML_SHORT
    values = ", ".join(forms.get(name, "{0}").format(name) for name in names)
    copied = connection.exec_driver_sql(
        f"INSERT INTO {table}{NEW} ({', '.join(names)}) SELECT {values} FROM {table} "
        f"WHERE id > (SELECT coalesce(max(id), 0) FROM {table}{NEW}) ORDER BY id LIMIT {most}"
    )
    return int(copied.rowcount)


def _put_in_place(connection: sa.Connection, table: str) -> None:
    """The new table under the old one's name, with its indexes and triggers."""
    wanted = "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql <> ''"
    kept = [
        statement
        for name, statement in connection.exec_driver_sql(wanted, (table,)).all()
        if not name.startswith(table + NEW)
    ]
    # Debian's SQLite would fill all the pages with zeros that this frees.
    overwrites = connection.exec_driver_sql("PRAGMA secure_delete").scalar()
    connection.exec_driver_sql("PRAGMA secure_delete=FAST")
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"PRAGMA secure_delete={overwrites}")
    # Else it would change the names in the references of other tables, and refuse what views still name.
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    connection.exec_driver_sql(f"ALTER TABLE {table}{NEW} RENAME TO {table}")
    connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")
    for statement in kept:
        connection.exec_driver_sql(statement)


def _drop_views(connection: sa.Connection) -> None:
    for name in ("v_articles", "v_comments", "v_article_versions", "v_comment_versions"):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def _moment(dialect: str, column: str, *, now: bool) -> str:
    if dialect != "sqlite":
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    if not now:
        return f"substr({column}, 1, 19) || 'Z'"
    whole = f"({column} - {PARTS_OF_A_SECOND.format(column)}) / 1000000"
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {whole}, 'unixepoch')"


def _gone(moment: str) -> str:
    return f"CASE WHEN {moment} IS NULL THEN 'no' ELSE 'yes' END"


def _day(dialect: str, column: str) -> str:
    return column if dialect == "sqlite" else f"to_char({column}, 'YYYY-MM-DD')"


def _html(table: str) -> str:
    return f", {HTML_WHOLE.format(f'{table}.')} AS html"


def _views(dialect: str, *, now: bool) -> dict[str, str]:
    """Those of 0013; ``now`` with integers for moments, and those of the versions besides."""
    made = {
        "v_articles": _articles(dialect, now=now),
        "v_comments": _comments(dialect, now=now),
    }
    if now:
        made |= {
            "v_article_versions": _former_articles(dialect),
            "v_comment_versions": _former_comments(dialect),
        }
    return made


def _articles(dialect: str, *, now: bool) -> str:
    posted, vanished, first, last = (
        _moment(dialect, f"a.{name}", now=now)
        for name in ("posted_at", "vanished_at", "first_seen_at", "last_seen_at")
    )
    return f"""SELECT
        a.id AS id, a.source AS source, a.external_id AS article, {_day(dialect, "a.date")} AS day,
        a.section AS section, a.section_name AS section_name, a.category AS category,
        a.title AS title, a.posted_by AS posted_by,
        {posted} AS posted_at, a.posted_local AS posted_local, a.link AS link,
        a.outlet AS outlet,
        a.label AS label, a.views AS views, a.text AS text,
        (SELECT count(*) FROM comments c WHERE c.article_id = a.id AND c.vanished_at IS NULL) AS comments,
        {_gone("a.vanished_at")} AS vanished, {vanished} AS vanished_at,
        {first} AS first_seen_at, {last} AS last_seen_at{_html("a") if now else ""}
        FROM articles a"""


def _comments(dialect: str, *, now: bool) -> str:
    gone = "coalesce(c.vanished_at, a.vanished_at)"
    posted, vanished, first, last = (
        _moment(dialect, name, now=now) for name in ("c.posted_at", gone, "c.first_seen_at", "c.last_seen_at")
    )
    return f"""SELECT
        c.id AS id, a.source AS source, a.external_id AS article, a.title AS article_title,
        {_day(dialect, "a.date")} AS article_day, c.external_id AS comment, c.number AS number,
        c.author AS author, {posted} AS posted_at,
        c.posted_local AS posted_local, c.text AS text, c.position AS position,
        c.parent_external_id AS reply_to, {_gone(gone)} AS vanished, {vanished} AS vanished_at,
        {first} AS first_seen_at, {last} AS last_seen_at{_html("c") if now else ""}
        FROM comments c JOIN articles a ON a.id = c.article_id"""


def _former_articles(dialect: str) -> str:
    posted, begin, end = (
        _moment(dialect, f"w.{name}", now=True) for name in ("posted_at", "valid_from", "valid_to")
    )
    return f"""SELECT
        w.id AS id, a.source AS source, a.external_id AS article, {_day(dialect, "w.date")} AS day,
        {begin} AS valid_from, {end} AS valid_to, w.section AS section,
        w.section_name AS section_name, w.category AS category, w.title AS title, w.posted_by AS posted_by,
        {posted} AS posted_at, w.posted_local AS posted_local, w.link AS link,
        w.outlet AS outlet, w.label AS label, w.text AS text{_html("w")}
        FROM article_versions w JOIN articles a ON a.id = w.article_id"""


def _former_comments(dialect: str) -> str:
    posted, begin, end = (
        _moment(dialect, f"w.{name}", now=True) for name in ("posted_at", "valid_from", "valid_to")
    )
    return f"""SELECT
        w.id AS id, a.source AS source, a.external_id AS article, a.title AS article_title,
        c.external_id AS comment, {begin} AS valid_from, {end} AS valid_to,
        w.number AS number, w.author AS author, {posted} AS posted_at,
        w.posted_local AS posted_local, w.text AS text, w.position AS position,
        w.parent_external_id AS reply_to{_html("w")}
        FROM comment_versions w JOIN comments c ON c.id = w.comment_id
        JOIN articles a ON a.id = c.article_id"""
