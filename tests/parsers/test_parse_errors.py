"""The errors of parsers: what they tell, and that they survive the way out of a worker process."""

import pickle

import pytest

from parsers.errors import (
    AddressUnknown,
    FieldMalformed,
    FieldMissing,
    PageBlocked,
    PageTruncated,
    PageUnrecognised,
    ParseError,
    SourceUnknown,
    SourceUnusable,
    ThresherError,
)

URL = "http://www.rantburg.com/?HC=1"

ERRORS = (
    SourceUnknown("sea", ("rantburg",)),
    SourceUnusable("sea", "the pack 'sea' (sea:SOURCE) cannot be used: SystemExit: 3"),
    AddressUnknown(URL, "rantburg"),
    PageUnrecognised("the page shows no article", URL),
    PageTruncated("the last row is not closed", URL),
    PageBlocked("the page is a wall", URL),
    FieldMissing("comment.author", URL),
    FieldMalformed("comment.number", "#x", URL),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_a_pipe(error: ThresherError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_what_they_say() -> None:
    assert str(FieldMissing("comment.author", URL)) == f"comment.author is missing ({URL})"
    assert str(FieldMalformed("comment.number", "#x", "")) == "comment.number cannot be '#x' (no address)"
    assert FieldMalformed("comment.number", "#x", URL).field == "comment.number"
    assert ParseError("no", URL).field is None
