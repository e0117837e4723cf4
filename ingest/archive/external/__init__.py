"""Files that others made, read past their damage: WARC, ARC and WACZ, however they are compressed."""
