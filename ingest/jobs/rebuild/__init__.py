"""A database made anew from the archive's WARC files and nothing else.

own files --list--> Order (by moment) --several processes: read, parse--> Taken --Loading--> rows
suppressed.jsonl -------------------------------------------------------------^ at its moment
"""
