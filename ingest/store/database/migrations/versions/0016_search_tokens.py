"""PostgreSQL's index of words knows what `search` filters by; and articles are found by who posted them.

Besides its words a row of the index has tokens: of its source, its author, its year, its month, and the
stretch of ids it stands in. No word of a text can be one: each begins with a character that is no letter.
So the index alone finds the rows of an author or of a year that have a word. The rows that are there get
theirs without their texts being read; the index itself is made anew, minutes for a million comments.
A revision is frozen: it imports nothing of ours, so that it does the same years from now.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ROWS_OF_A_STRETCH = 2048
MARK = "chr(1)"
HASHED = f"SELECT {MARK} || $1 || left(encode(sha256(convert_to($2, 'UTF8')), 'base64'), 22)"
DAYS = f"ARRAY[{MARK} || 'd' || left({{0}}, 4), {MARK} || 'd' || left({{0}}, 7)]"
KNOWN = DAYS.format("to_char($4, 'YYYY-MM-DD')")
# A site that prints no year may mean any: `--05-19T21:55`.
PRINTED = f"CASE WHEN $4 ~ '^[0-9]{{4}}-[0-9]{{2}}-' THEN {DAYS.format('$4')} ELSE ARRAY[{MARK} || 'd'] END"
TOKENS = (
    "SELECT array_to_tsvector(array_remove(ARRAY[thresher_token('s', $2), thresher_token('a', $3), "
    f"{MARK} || 'i' || ($1 / {ROWS_OF_A_STRETCH})] || {{days}}, NULL))"
)
"""Of a row's id, source, author and day."""
FUNCTIONS = {
    "thresher_token(text, text) RETURNS text": HASHED,
    "article_tokens(bigint, text, text, date) RETURNS tsvector": TOKENS.format(days=KNOWN),
    "comment_tokens(bigint, text, text, text) RETURNS tsvector": TOKENS.format(days=PRINTED),
}
WORDS = {
    "article": "setweight(thresher_words({0}title), 'A') || thresher_words({0}text)",
    "comment": "thresher_words({0}text)",
}
OF_ROW = {
    "article": "article_tokens({0}id, {0}source, {0}posted_by, {0}date)",
    "comment": "comment_tokens({0}id, (SELECT a.source FROM articles a WHERE a.id = {0}article_id), "
    "{0}author, {0}posted_local)",
}
BEFORE = {"article": ("title", "text"), "comment": ("text",)}
KEPT_BY = {
    "article": ("title", "text", "source", "posted_by", "date"),
    "comment": ("text", "article_id", "author", "posted_local"),
}


def _run(statement: str) -> None:
    # As it stands: op.execute() takes `:MI` for a parameter.
    op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    # Of any length: a B-tree of PostgreSQL refuses a row whose name is longer than 2.7 kB.
    op.create_index("ix_articles_posted_by", "articles", ["posted_by"], postgresql_using="spgist")
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, made in FUNCTIONS.items():
        _run(f"CREATE FUNCTION {name} LANGUAGE sql STABLE PARALLEL SAFE AS $$ {made} $$")
    for kind, columns in KEPT_BY.items():
        _fill(kind, f"w.words || {OF_ROW[kind].format('r.')}")
        _keep(kind, columns, f"{WORDS[kind].format('new.')} || {OF_ROW[kind].format('new.')}")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for kind, columns in BEFORE.items():
            _fill(kind, WORDS[kind].format("r."))
            _keep(kind, columns, WORDS[kind].format("new."))
        for name in ("article_tokens", "comment_tokens", "thresher_token"):
            _run(f"DROP FUNCTION {name}")
    op.drop_index("ix_articles_posted_by", "articles")


def _fill(kind: str, words: str) -> None:
    """Into a table of its own: rows that are changed in place would leave it twice as large."""
    index = f"{kind}_words"
    _run(f"CREATE TABLE {index}_made (id bigint NOT NULL, words tsvector NOT NULL)")
    _run(
        f"INSERT INTO {index}_made SELECT w.id, {words} FROM {index} w JOIN {kind}s r ON r.id = w.id "
        "ORDER BY w.id"
    )
    _run(f"DROP TABLE {index}")
    _run(f"ALTER TABLE {index}_made RENAME TO {index}")
    _run(f"ALTER TABLE {index} ADD CONSTRAINT pk_{index} PRIMARY KEY (id)")
    _run(f"CREATE INDEX ix_{index} ON {index} USING gin (words)")
    _run(f"ANALYZE {index}")


def _keep(kind: str, columns: tuple[str, ...], words: str) -> None:
    index, table = f"{kind}_words", f"{kind}s"
    _run(
        f"""CREATE OR REPLACE FUNCTION {index}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF tg_op = 'DELETE' THEN
                DELETE FROM {index} WHERE id = old.id;
            ELSE
                INSERT INTO {index} VALUES (new.id, {words})
                ON CONFLICT (id) DO UPDATE SET words = excluded.words;
            END IF;
            RETURN NULL;
        END $$"""
    )
    differs = " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in columns)
    _run(f"DROP TRIGGER {index}_update ON {table}")
    _run(
        f"CREATE TRIGGER {index}_update AFTER UPDATE OF {', '.join(columns)} ON {table} "
        f"FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION {index}()"
    )
