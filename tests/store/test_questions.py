"""What people ask of the tables is answered by an index, and an index refuses no row."""

import random
import string

import pytest
from sqlalchemy import Connection, text

from ingest.store import Store
from tests.kit.parsed import article, at, comment, section_page
from tests.kit.visits import article_of, visit

QUESTIONS = {
    "comments_author": ("SELECT text FROM comments WHERE author = 'reader 1'",),
    "comments_posted_at": (
        "SELECT text FROM comments WHERE posted_at BETWEEN '2021-05-04T00:00:00Z' AND '2021-05-05T00:00:00Z'",
        "SELECT author, text FROM comments ORDER BY posted_at DESC LIMIT 20",
    ),
    "articles_posted_at": (
        "SELECT title FROM articles WHERE posted_at >= '2021-05-04T00:00:00Z' ORDER BY posted_at",
        "SELECT title FROM articles ORDER BY posted_at DESC LIMIT 20",
    ),
}
LETTERS = random.Random(11)


def plan_of(connection: Connection, question: str) -> str:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {question}"))
        return "\n".join(row.detail for row in rows)
    # So few rows are read faster as a whole.
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    return "\n".join(connection.scalars(text(f"EXPLAIN {question}")))


@pytest.mark.parametrize(
    ("index", "question"), [(name, asked) for name, several in QUESTIONS.items() for asked in several]
)
def test_a_question_is_answered_by_its_index(store: Store, index: str, question: str) -> None:
    visit(store, section_page([article("100", [comment("11", 1), comment("12", 2)])]), at(0))
    with store.transaction() as tx:
        plan = plan_of(tx._connection, question)
    assert f"ix_{index}" in plan
    assert "TEMP B-TREE" not in plan


def test_without_the_index_the_same_question_reads_every_row(store: Store) -> None:
    with store.transaction() as tx:
        tx._connection.execute(text("DROP INDEX ix_comments_author"))
        plan = plan_of(tx._connection, QUESTIONS["comments_author"][0])
    assert "ix_comments_author" not in plan


def test_a_name_longer_than_an_index_page_is_held(store: Store) -> None:
    name = "".join(LETTERS.choices(string.ascii_letters, k=50_000))
    visit(store, section_page([article("100", [comment("11", 1, author=name)])]), at(0))
    assert article_of(store).comments[0].content.author == name
