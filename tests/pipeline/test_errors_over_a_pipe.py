"""Every error on the tree survives the pipe between two processes, with all that it knows."""

import inspect
import pickle
from collections.abc import Iterator
from datetime import date

import pytest

import ingest.errors
import parsers.errors
from parsers.errors import ThresherError

SAID = {
    "name": "nosource",
    "known": ("one", "two"),
    "url": "http://here.example/?D=1",
    "source": "rantburg",
    "message": "it is not as it should be",
    "field": "comment.author",
    "value": "30/02/2018",
    "status": 503,
    "file": "one.warc.gz",
    "offset": 4711,
    "day": date(2018, 4, 14),
    "reason": "its pack is broken",
}


def every_error() -> Iterator[ThresherError]:
    for module in (parsers.errors, ingest.errors):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, ThresherError) and kind.__module__ == module.__name__:
                takes = inspect.signature(kind.__init__).parameters
                named = [SAID[name] for name in takes if name in SAID]
                yield kind(*named) if named else kind("plain words")


@pytest.mark.parametrize("error", list(every_error()), ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_behind_the_pipe(error: ThresherError) -> None:
    error.extra = "set later"  # type: ignore[attr-defined]
    there = pickle.loads(pickle.dumps(error))
    assert type(there) is type(error)
    assert (str(there), there.args, there.__dict__) == (str(error), error.args, error.__dict__)


def test_the_tree_is_all_here() -> None:
    assert len(list(every_error())) >= 18
