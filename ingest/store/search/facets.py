"""What rows that were found have in common: how many are of each kind, source, author and year."""

from collections import Counter
from collections.abc import Mapping

from ingest.records.search import Facets, SearchedKind
from ingest.store.search.ranking import Matching


def facets_of(answers: Mapping[SearchedKind, Matching]) -> Facets:
    """Counts the rows of each kind."""
    rows = [row for answer in answers.values() for row in answer.best]
    return Facets(
        kinds={kind: len(answer.best) for kind, answer in answers.items() if answer.best},
        sources=Counter(row.source for row in rows),
        authors=Counter(row.author for row in rows if row.author),
        years=Counter(row.year for row in rows),
    )
