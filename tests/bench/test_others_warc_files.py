"""As many responses as warcio or FastWARC reads, file by file; run where other people's files are."""

import pytest

from tests.bench.others_warc_files import FOLDER, compare

FILES = sorted(path for path in FOLDER.iterdir() if path.is_file()) if FOLDER.is_dir() else []


@pytest.mark.full
@pytest.mark.skipif(not FILES, reason=f"other people's files are not here: {FOLDER}")
def test_no_file_of_others_is_read_less_than_by_other_readers() -> None:
    rows = [compare(path) for path in FILES]
    assert {row.file: (row.ours, row.warcio, row.fastwarc) for row in rows if row.is_short} == {}
