"""What was taken down stays away, and the counts still come out."""

from ingest.decide.completeness.counters import expected
from ingest.store import Store
from parsers.records import ParsedPage
from tests.kit.parsed import DAY, article, at, comment, section_page
from tests.kit.visits import article_of, held_of, visit

THREAD = (comment("11", 1), comment("12", 2))


def page(*comments: object) -> ParsedPage:
    return section_page([article("100", comments), article("101", THREAD)])  # type: ignore[arg-type]


def suppress(store: Store, article_id: str, comment_id: str | None = None) -> None:
    with store.transaction() as tx:
        tx.suppress("harbour", article_id, comment_id, reason="court order", suppressed_at=at(9))


def held_comments(store: Store) -> int:
    with store.transaction() as tx:
        return tx.tallies("harbour", DAY)[1].comments


def test_a_comment_loses_its_words_and_versions_and_never_gets_them_back(store: Store) -> None:
    visit(store, page(comment("11", 1, text="first"), THREAD[1]), at(0))
    visit(store, page(*THREAD), at(1))
    suppress(store, "100", "11")
    visit(store, page(comment("11", 1, text="again"), THREAD[1]), at(2))
    shown = store.articles.named("harbour", "100")
    assert shown is not None
    assert [one.row.content.text for one in shown.comments] == ["", "remark 2"]
    assert shown.comments[0].versions == ()


def test_a_suppressed_comment_counts_as_held_until_the_site_drops_it(store: Store) -> None:
    visit(store, page(*THREAD), at(0))
    suppress(store, "100", "12")
    assert held_comments(store) == 4
    assert store.ledger.day_known("harbour", DAY).articles["100"].comment_ids == {"11", "12"}
    visit(store, page(THREAD[0]), at(2))
    assert held_comments(store) == 3


def test_a_comment_that_was_suppressed_before_it_was_seen_counts_as_held(store: Store) -> None:
    suppress(store, "100", "12")
    suppress(store, "100", "12")
    visit(store, page(*THREAD), at(0))
    assert [row.external_id for row in article_of(store).comments] == ["11"]
    assert held_comments(store) == 4
    known = store.ledger.day_known("harbour", DAY).articles["100"]
    assert (known.comments, known.comment_ids) == (2, {"11", "12"})


def test_a_row_that_learns_the_id_of_a_suppressed_comment_loses_its_words(store: Store) -> None:
    nameless = (comment(None, 1), comment(None, 2))
    visit(store, page(*nameless), at(0))
    suppress(store, "100", "11")
    # Neither another article's comment of that id nor another source's is meant.
    suppress(store, "101", "12")
    with store.transaction() as tx:
        tx.suppress("quay", "100", "12", reason="court order", suppressed_at=at(9))
    visit(store, page(*THREAD), at(1))
    shown = store.articles.named("harbour", "100")
    assert shown is not None
    assert [(one.row.external_id, one.row.content.text) for one in shown.comments] == [
        ("11", ""),
        ("12", "remark 2"),
    ]


def test_a_suppressed_article_is_left_out_of_both_sides(store: Store) -> None:
    visit(store, page(*THREAD), at(0))
    suppress(store, "100")
    shown = store.articles.named("harbour", "100")
    assert shown is not None
    assert shown.article.row.content.title == ""
    assert {row.content.text for row in shown.article.comments} == {""}
    known = store.ledger.day_known("harbour", DAY)
    assert known.suppressed == {"100"}
    assert known.articles.keys() == {"101"}
    with store.transaction() as tx:
        assert tx.tallies("harbour", DAY) == expected(page(*THREAD), suppressed=known.suppressed)


def test_another_sources_article_of_that_id_stays(store: Store) -> None:
    suppress(store, "100")
    with store.transaction() as tx:
        assert tx.held("another", {"100"}).suppressed_articles == frozenset()
    assert held_of(store, "100").suppressed_articles == {"100"}
