"""The ledger of pages, the runs, and how well their parsers did."""
