"""The rows that have the words, each database asked in its own way.

At most ``MOST_RANKED`` rows are ranked, those that were loaded last: a word that every second row has would
take seconds else. All that a person typed goes as a parameter, as letters and digits alone.
"""

from sqlalchemy import Connection

from ingest.records.search import Query, SearchedKind
from ingest.store.search.fts5 import ranked_by_sqlite
from ingest.store.search.ranking import Matching
from ingest.store.search.tsvector import ranked_by_postgresql
from ingest.store.search.words import Terms

INDEXES = ("article_words", "comment_words")
"""The tables of the index; triggers keep it in step with the rows."""
MOST_RANKED = 500


def ranked(connection: Connection, kind: SearchedKind, terms: Terms, query: Query) -> Matching:
    """The best rows of one kind, as many as the answer may show or count of it."""
    ask = ranked_by_sqlite if connection.dialect.name == "sqlite" else ranked_by_postgresql
    top = MOST_RANKED if query.count_facets else query.offset + query.limit
    return ask(connection, kind, terms, query, most=MOST_RANKED, top=top)
